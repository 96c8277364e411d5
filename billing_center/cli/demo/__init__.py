"""A small company played through the public doors, and the simulated systems that stand around the center."""
