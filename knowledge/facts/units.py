"""Units of time, in hours. Prices of a month or a year are taken for these, whatever the calendar says."""

from __future__ import annotations

DAY = 24.0
WEEK = 168.0
MONTH = 730.0
"""A twelfth of a year of 365 days, which is what providers publish monthly prices for."""
YEAR = 8760.0
