"""Caps on the money lost at the stop; a new one is a file here and a line in `caps/__init__.py`."""
