"""What is kept of the use, outside every repository: the history of searches, and log files."""
