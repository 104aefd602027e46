"""Terminal side."""
