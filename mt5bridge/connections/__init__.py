"""Ways to a live terminal: in this process, in a child process, over mt5linux; a new way is a file here."""
