"""A terminal's moment written to a file, and a terminal that answers from such a file; a live terminal is only read."""
