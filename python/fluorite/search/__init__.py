"""Finding chunks: free functions over vectors and scores, and the retriever that joins them."""

from .options import SearchOptions

__all__ = ["SearchOptions"]
