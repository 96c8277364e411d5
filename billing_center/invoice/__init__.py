"""Invoices: a period's running sums become lines, rounded once, numbered without gaps."""
