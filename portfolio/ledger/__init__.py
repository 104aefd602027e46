"""Reservations, budgets and halts in the database, one transaction per decision; only here and in `store` is SQL."""
