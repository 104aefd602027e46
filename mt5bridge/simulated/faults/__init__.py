"""Planned faults of a terminal, for tests: on calls and on orders."""
