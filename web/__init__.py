"""The REST door: health, the test clock, read-only JSON over what the center knows, and the operators' console.

`app` puts it together; `errors` is its one table from error to status; `admission` says who may ask.
"""
