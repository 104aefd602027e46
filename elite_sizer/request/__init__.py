"""A trade idea to a checked request: numbers, intent, stop and target levels; pure."""
