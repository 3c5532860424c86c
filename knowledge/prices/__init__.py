"""The price store: what an offer is, how offers are kept, replaced, hidden and found."""
