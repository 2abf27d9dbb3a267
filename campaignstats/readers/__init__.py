"""Bytes -> rows, one file per export format: the only code that knows a platform.

To add a format, write one file here; nothing else needs an edit (``registry`` finds it). See docs/add-a-reader.md.
"""
