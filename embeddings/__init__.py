"""Passages to vectors, and vectors back to the nearest passages."""
