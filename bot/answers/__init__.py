"""What answers are made of: offers in words, notes, sums, what was left out, extras."""
