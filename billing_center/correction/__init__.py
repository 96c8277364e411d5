"""Corrections: what was wrong is mended by new facts and charges of the difference, never by an edit."""
