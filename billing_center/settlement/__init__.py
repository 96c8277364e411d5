"""Settlement: what the account system says of a deduction, and who is in arrears."""
