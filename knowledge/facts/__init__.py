"""What is known beside prices: cards, machines, providers, places, terms, each with source and day."""
