"""Caps set by the broker's volumes and margin; a new one is a file here and a line in `caps/__init__.py`."""
