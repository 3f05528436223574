"""What keeps one source, or one page of it, from being collected; it never ends the run."""

from __future__ import annotations


class SourceFailure(Exception):
    """The message says what is wrong and, where there is one, the remedy."""
