"""What everybody may read: how we use what is told to us, and how well the pages work for everybody."""
