"""What `bookings.planner` is made of: prices, local days, lanes, the search, the notes. All pure."""
