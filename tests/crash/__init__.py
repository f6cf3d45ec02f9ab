"""Crash tests: a collection is killed, or runs out of something, at every moment, and has to be whole afterwards."""
