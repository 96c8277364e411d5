"""The REST door: health, the test clock, and read-only JSON over what the center knows.

`app` puts it together; `errors` is its one table from error to status; `admission` says who may ask.
"""
