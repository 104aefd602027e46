"""The MetaTrader5 functions as the paper terminal answers them; the account is `broker`'s."""
