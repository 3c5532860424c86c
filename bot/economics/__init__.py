"""What answers about costs of running and training models share: offers for a set, and words."""
