"""Spend alerts: thresholds on the running period, told once each by webhook and notice."""
