"""Service control: arrears stop a payer's orders, and payment restores just those."""
