"""The TOML document: layers, tables, numbers, mistakes; a new setting is a field in `tables.py`, or of its part."""
