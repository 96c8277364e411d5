"""Months of facts: their partitions, their way into history and back, and how long they are kept."""
