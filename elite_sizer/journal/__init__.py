"""The decision written down and read back: JSON line, files, database record, `verify`, CSV; decides nothing."""
