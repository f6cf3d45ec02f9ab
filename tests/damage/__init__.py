"""Damage to what is kept: `python -m tests.damage --trials 1000` does a thousand of each kind."""
