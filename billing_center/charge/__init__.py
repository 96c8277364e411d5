"""Charges: rated amounts, booked together with the meters and running sums that they belong to."""
