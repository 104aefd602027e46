"""One file per command, loaded when it is called; a new one is a file here and a line in `cli/app.py`."""
