"""Metatrader."""
