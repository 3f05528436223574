"""Finding chunks: free functions over vectors and scores, and the retriever that joins them.

Import from its modules: most of them need numpy, which takes 80 ms to load.
"""
