"""The tables, their column types and their migrations. It knows nothing of what the rows are for."""
