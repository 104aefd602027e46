"""Correlation, tail and volatility figures, measured when a bar closes, looked up by a decision; opens no terminal."""
