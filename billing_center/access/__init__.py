"""Who may call what, and the table of calls that were refused."""
