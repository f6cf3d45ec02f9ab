"""Ingesting statements and answering questions: the corpus and the embeddings composed, and three ways in."""
