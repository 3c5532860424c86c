"""How a feed is asked and read: the network, pages, rows, and what a source is."""
