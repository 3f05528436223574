"""What is measured of a running engine, and how it is shown to others."""
