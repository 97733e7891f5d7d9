"""A clinic to look around in: people, rooms and a diary around today. Written through the same services as a real day."""
