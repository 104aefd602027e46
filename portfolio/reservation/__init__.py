"""The life of one reservation as events and states; pure, the ledger stores it."""
