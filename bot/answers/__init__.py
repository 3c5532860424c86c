"""What answers are made of: offers in words, notes, sums, and the road from a question to its answer."""
