"""The command line: the one place that puts the doors and the domain together into a program."""
