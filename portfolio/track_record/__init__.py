"""Track record."""
