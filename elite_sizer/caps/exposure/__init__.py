"""Caps on notional exposure and its budgets; a new one is a file here and a line in `caps/__init__.py`."""
