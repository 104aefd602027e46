"""What runs beside MetaTrader5 in a process of its own: standard library only, nothing of ours is imported."""
