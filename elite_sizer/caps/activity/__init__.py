"""Caps on when and how often a trade may be opened; a new one is a file here and a line in `caps/__init__.py`."""
