"""One raw reading to a checked `Snapshot`: exact decimals, UTC, freshness; broker server time ends here."""
