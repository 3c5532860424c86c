"""One file per change of the schema, never changed once released."""
