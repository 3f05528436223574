"""Learned retrieval: pairs, what is learned from them, and the gate that it must pass."""
