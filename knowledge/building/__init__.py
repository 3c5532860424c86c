"""Rebuilds the bundled facts from raw files: `python -m knowledge.building FOLDER` (make facts)."""
