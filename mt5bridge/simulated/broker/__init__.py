"""The paper broker: book, fills, margin, swaps, order checks; only here is a paper account changed."""
