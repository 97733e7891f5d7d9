"""What people write to us: heard, answered at once, and dealt with by somebody."""
