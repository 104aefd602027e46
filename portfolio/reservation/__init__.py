"""Reservation."""
