"""What a model's tokenizer knows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

UNKNOWN_TOKENS = frozenset({"[UNK]", "<unk>"})


def knows_words(tokenizer_file: Path, words: Sequence[str]) -> bool:
    """Whether the tokenizer in `tokenizer_file` has tokens for all of `words`."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    return not any(UNKNOWN_TOKENS.intersection(tokenizer.encode(word).tokens) for word in words)
