"""Granted balances: units and money that an operator grants or a package sells, and what is left of them."""
