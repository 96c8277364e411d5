"""Foresight: what would be invoiced, charged or reached, worked out in memory; nothing here writes a charge."""
