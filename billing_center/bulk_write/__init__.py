"""How each kind of database writes many rows best: one class each, all with the same results (`way.Way`)."""
