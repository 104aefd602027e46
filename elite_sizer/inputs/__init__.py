"""Reads what a decision is fed with: terminal, account state, halts, entry windows, budgets, market figures."""
