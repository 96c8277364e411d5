"""Rating: pure rules that turn facts into charges. Every charge is the growth of a meter, priced.

Where it stands in the walk: use cases load prices and meter readings, call `rate_use` and `rate_day`, and
write what these return. Nothing here knows a database, a clock or a setting.
Design: billing rules, "One principle: rating is the growth of a meter".
"""
