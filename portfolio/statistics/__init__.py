"""Tail risk, correlation, volatility, regime: stateless functions over arrays of floats."""
