"""Reservations, budgets and halts in the database, one transaction per decision; their SQL stands here alone."""
