"""Quotes that people received: read field by field, set beside each other, written and kept.

`read_file` is the way in for files (a child process with limits), `read_text` for pasted text.
"""
