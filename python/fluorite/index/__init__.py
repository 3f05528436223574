"""What is derived from the store and can always be rebuilt from it.

Import from its modules: most of them need numpy, which takes 80 ms to load.
"""
