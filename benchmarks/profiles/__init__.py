"""What the profiles are measured on, and the scripts that measure the peers."""
