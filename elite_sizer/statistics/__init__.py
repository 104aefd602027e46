"""Correlation, tail and volatility figures, measured when a bar closes and looked up by a decision."""
