"""Orders: the mirror of the order system's order lines, their states and account numbers."""
