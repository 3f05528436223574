"""What chunks have in common: frameworks that go together, combinations, clusters, quality."""
