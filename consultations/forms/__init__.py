"""What patients fill in."""
