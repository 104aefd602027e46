"""One consistent, checked moment of a MetaTrader 5 terminal, or a reason why not."""
