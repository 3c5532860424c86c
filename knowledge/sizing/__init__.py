"""What a model needs: its weights, memory, precision, and owning against renting."""
