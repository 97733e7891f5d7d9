"""The clinic's people: staff and their roles, patients, sign-in, and who may do what."""
