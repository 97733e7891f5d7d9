"""The ground floor: people and their roles, messages, audit, settings. Knows no appointment."""
