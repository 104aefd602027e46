"""The two files that run beside MetaTrader5 in a process of its own: standard library only, no import of ours."""
