"""Learned patterns as files that others can read: see manifest.py for their form."""
