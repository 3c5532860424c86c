"""From a text to a Question: mentions, roles, intent, and what a thread keeps."""
