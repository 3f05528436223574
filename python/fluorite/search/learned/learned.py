"""The parts that may be learned, and how they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..ranking import RankingWeights
from .query_adapter import QueryAdapter
from .term_associations import TermAssociations, associations_from

if TYPE_CHECKING:
    from .reranker import Reranker

_DEFAULTS = RankingWeights()


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """The dense share of a score, and the share of the greatest BM25 that counts as a full match; unless
    learned, those of search."""

    dense: float = _DEFAULTS.dense
    full_match: float = _DEFAULTS.full_match


@dataclass(frozen=True, slots=True)
class Learned:
    """What may be learned; None: nothing. Another kind of knowledge is another field, with its two lines in
    `packed` and `unpacked`."""

    adapter: QueryAdapter | None = None
    associations: TermAssociations | None = None
    fusion: FusionWeights | None = None
    reranker: Reranker | None = None

    def replacing(self, **parts: Any) -> Learned:
        """These, with what is given in its place."""
        return replace(self, **parts)


def packed(learned: Learned) -> dict[str, Any]:
    """Plain values for the store. Matrices lose precision: see `rounded`."""
    adapter, associations, fusion = learned.adapter, learned.associations, learned.fusion
    return {
        "adapter": None if adapter is None else _packed_adapter(adapter),
        "associations": None if associations is None else associations.strengths,
        "fusion": None if fusion is None else [fusion.dense, fusion.full_match],
        "reranker": None if learned.reranker is None else _packed_reranker(learned.reranker),
    }


def unpacked(values: Mapping[str, Any]) -> Learned:
    """What was packed. Raises KeyError, TypeError, ValueError or AttributeError where it is damaged."""
    adapter, associations, fusion = values["adapter"], values["associations"], values["fusion"]
    reranker = values.get("reranker")
    return Learned(
        adapter=None if adapter is None else _adapter(adapter),
        associations=None if associations is None else associations_from(associations),
        fusion=None if fusion is None else _fusion(fusion),
        reranker=None if reranker is None else _reranker(reranker),
    )


def rounded(adapter: QueryAdapter) -> QueryAdapter:
    """The adapter as it comes back from the store, where it takes half the bytes."""
    return _adapter(_packed_adapter(adapter))


def _packed_adapter(adapter: QueryAdapter) -> dict[str, Any]:
    return {
        "dimensions": len(adapter.matrix),
        "matrix": adapter.matrix.astype("<f2").tobytes(),
        "terms": list(adapter.terms),
        "term_vectors": adapter.term_vectors.astype("<f2").tobytes(),
        "says": adapter.says.astype("<f4").tobytes(),
        "scale": adapter.scale,
    }


def _adapter(values: Mapping[str, Any]) -> QueryAdapter:
    dimensions, terms = values["dimensions"], values["terms"]
    adapter = QueryAdapter(
        matrix=np.frombuffer(values["matrix"], "<f2").astype(np.float32).reshape(dimensions, dimensions),
        terms={term: row for row, term in enumerate(terms)},
        term_vectors=np.frombuffer(values["term_vectors"], "<f2").reshape(len(terms), dimensions),
        says=np.frombuffer(values["says"], "<f4").astype(np.float32),
        scale=float(values["scale"]),
    )
    arrays = (adapter.matrix, adapter.term_vectors, adapter.says)
    finite = all(np.isfinite(array).all() for array in arrays) and np.isfinite(adapter.scale)
    if not finite or adapter.says.shape != (len(terms),) or len(adapter.terms) != len(terms):
        raise ValueError("The adapter is damaged.")
    return adapter


def _fusion(values: Any) -> FusionWeights:
    dense, full_match = (float(value) for value in values)
    if not (0 <= dense <= 1 and 0 <= full_match <= 1):
        raise ValueError("The weights are damaged.")
    return FusionWeights(dense, full_match)


def _packed_reranker(reranker: Reranker) -> dict[str, Any]:
    from .reranker_packing import packed_reranker

    return packed_reranker(reranker)


def _reranker(values: Mapping[str, Any]) -> Reranker:
    from .reranker_packing import reranker_from

    return reranker_from(values)
