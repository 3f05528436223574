"""Texts to token rows, and token rows to batches, as free functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TEXTS_AT_ONCE = 1024
CHARACTERS_PER_TOKEN = 64

TokenRow = NDArray[np.int64]


def tokenize(
    tokenizer: Tokenizer, texts: Sequence[str], max_tokens: int, check: Callable[[], None] | None
) -> list[TokenRow]:
    """Token ids of every text, at most `max_tokens` each. `check` is called between slices of the texts."""
    rows: list[TokenRow] = []
    limit = max_tokens * CHARACTERS_PER_TOKEN
    for start in range(0, len(texts), TEXTS_AT_ONCE):
        if check is not None:
            check()
        whole = texts[start : start + TEXTS_AT_ONCE]
        heads = [_head(text, limit) for text in whole]
        for text, head, encoding in zip(whole, heads, tokenizer.encode_batch_fast(heads), strict=True):
            # A head of mostly blanks has fewer tokens than the model reads: then the rest counts too.
            cut_short = len(encoding.ids) < max_tokens and len(head) < len(text)
            rows.append(np.array((tokenizer.encode(text) if cut_short else encoding).ids, np.int64))
    return rows


def batches_by_length(lengths: Sequence[int], token_budget: int, most_rows: int) -> Iterator[list[int]]:
    """Positions of rows in groups of about equal length, the longest group first.

    A group has at most `most_rows` rows, and its padded size, rows times its longest length, is at most
    `token_budget`; a row longer than that is alone.
    """
    # Longest first: the first batch needs the most memory, so all that follow fit into what it took.
    order = sorted(range(len(lengths)), key=lambda position: -lengths[position])
    start = 0
    while start < len(order):
        end = start + max(1, min(most_rows, token_budget // max(1, lengths[order[start]])))
        yield order[start:end]
        start = end


def pad(rows: Sequence[TokenRow], pad_token_id: int) -> tuple[TokenRow, TokenRow]:
    """Token ids, padded at the end, and attention mask, both int64 of shape (len(rows), longest row)."""
    input_ids = np.full((len(rows), max(1, *map(len, rows))), pad_token_id, np.int64)
    attention_mask = np.zeros_like(input_ids)
    for row, tokens in enumerate(rows):
        input_ids[row, : len(tokens)] = tokens
        attention_mask[row, : len(tokens)] = 1
    return input_ids, attention_mask


def _head(text: str, limit: int) -> str:
    """The text up to the last blank within `limit` characters; a mebibyte takes 0.4 s to tokenize."""
    if len(text) <= limit:
        return text
    blank = max(text.rfind(" ", 0, limit), text.rfind("\n", 0, limit))
    return text[:blank] if blank > 0 else text
