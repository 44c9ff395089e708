"""What screening, decisions and waiting lists read."""
