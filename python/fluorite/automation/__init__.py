"""Learning by itself: collecting from sources, one resumable run, and its daily schedule."""
