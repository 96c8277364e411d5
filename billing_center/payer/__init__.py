"""Payers: who is invoiced, on which day of the month, in which currency."""
