"""The words everybody shares: a question, an answer, a command, who asks, and the settings."""
