"""The road from a question to its answer: understood, answered, noted, priced for who asks."""
