"""Fluorite Memory Engine: a local memory of code patterns, searched by meaning.

`MemoryEngine(resolve({"memory_path": "./memory"}))` opens one; Node's `FluoriteBridge` does the same.
"""

__version__ = "0.1.0"
