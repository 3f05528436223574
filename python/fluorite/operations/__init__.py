"""What a bridge can ask of a memory, by subject."""
