"""`db check`: whether the database is as declared, and what it holds in agreement with itself.

Each check is a few set-based statements over slices of the facts, so that memory stays bounded; it only reads, and
sees one moment of the database. What prices and rules say is not asked here: that is `reconcile`.
"""
