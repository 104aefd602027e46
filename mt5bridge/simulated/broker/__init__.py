"""The paper broker: book, fills, margin, swaps, order checks."""
