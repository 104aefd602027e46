"""Money per lot three ways, conversion, costs, margin, swap; pure and in exact decimals."""
