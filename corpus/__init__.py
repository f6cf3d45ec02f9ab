"""The words and where they stand: statements, turns, passages, and the archive that keeps them."""
