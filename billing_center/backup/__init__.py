"""Copies of the SQLite database, taken while the program runs; for servers, what to use instead."""
