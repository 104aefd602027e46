"""Caps that enforce the prop firm's rules; a new one is a file here and a line in `caps/__init__.py`."""
