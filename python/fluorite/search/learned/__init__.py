"""What search applies of what a memory has learned; it is made in learning/retrieval."""
