"""What is kept, for how long, and who may ask for it: retention, disposal, subject access, safe copies."""
