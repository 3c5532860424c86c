"""Recommendations, one file a subject: a verdict first, both sides, and what would change it.

Every number is computed from the store or by a cited formula; what is a default of ours is said
to be one.
"""
