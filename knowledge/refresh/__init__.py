"""New prices: a refresh of all feeds, an import of a file, and what makes a row an offer."""
