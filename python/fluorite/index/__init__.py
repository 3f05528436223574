"""What is derived from the store and can always be rebuilt from it."""

from .follower import FEW, IndexFollower
from .vector_index import VectorIndex

__all__ = ["FEW", "IndexFollower", "VectorIndex"]
