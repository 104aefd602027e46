"""Closed trades from deals, their R-multiples, performance figures, Kelly; pure."""
