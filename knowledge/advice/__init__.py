"""The advice rules: their text, how it is read, and when the facts call one up."""
