"""Runs of scheduled work: the rows that decide who acts, what is done and what failed."""
