"""The billing center's domain: one folder per term along the walk from a usage event to a deduction."""
