"""A broker's symbol name to its instrument and asset class; pure."""
