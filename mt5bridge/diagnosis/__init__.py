"""The checks that `doctor` makes at a terminal; reads only."""
