"""Lists of compressed vectors around centroids: FAISS's inverted lists with RaBitQ codes, mapped from a file.

A vector belongs to the list of its nearest centroid, as one bit for each dimension of its difference to
the centroid after a random rotation (Gao and Long: RaBitQ, SIGMOD 2024). A query reads the lists whose
centroids are nearly as near as the nearest, and the best candidates are rescored from the full vectors.

`lists` holds for each list its codes and then the rows (int64) that they stand for: the layout of
FAISS's OnDiskInvertedLists, which is given the mapped memory.
"""

from __future__ import annotations

import ctypes
import weakref
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import Vectors
from .vector_rows import Bits, Rows

QUERY_BITS = 4
OUTLINED, OUTLINE_ERROR = 96, 0.03
"""Dimensions of 384 that hold 0.9 of the centers, and how far a cosine along them may be from the whole one
for its list not to be missed: 300 queries of a million vectors found the same with 0.02."""
READ_MOST, READ_SHARE = 80_000, 1 / 16
"""So many codes a query reads at most, or such a share of all if that is more: 1.6 ms of work. Only queries
unlike all the data come near it."""
READ_WANTED, COUNTED = 100_000, 0.35
"""With a filter so many, where passing over an unwanted code counts as a third of comparing one."""
FIRST, ANCHORED = 64, 3
"""Reach is measured from the list by which the best ones hold three wanted rows for each hit (it is among
the first 64): where a filter leaves few of a list's rows, its centroid says less of what is near."""


@dataclass(frozen=True, slots=True, eq=False)
class Centroids:
    """`centers`: float32 (lists, dimensions), unit vectors, rotated; `rotation`: (dimensions, dimensions),
    applied as `rotation @ vector`; `axes`: (outlined, dimensions), the directions along which the centers
    are longest, and `outline`: (lists, outlined), the centers along them; `reach`: how far below the best
    a centroid's cosine may be for its list to be read; `trained_rows`: how many vectors there were when
    they were trained."""

    centers: Vectors
    rotation: Vectors
    axes: Vectors
    outline: Vectors
    reach: float
    trained_rows: int
    recall: float
    name: str

    def rotated(self, query: Vectors) -> Vectors:
        return np.asarray(np.vecdot(self.rotation, query), np.float32)

    def cosines(self, rotated: Vectors) -> Vectors:
        """Those of all centroids with a rotated query, float32 (lists,)."""
        return np.asarray(np.vecdot(self.centers, rotated), np.float32)

    def cosines_within_reach(self, rotated: Vectors) -> Vectors:
        """The same for the lists that are read without a filter, minus infinity for most others. The
        outlines of 4,096 lists stay in the processor's cache, where the centers would drive out all else."""
        about = np.vecdot(self.outline, np.vecdot(self.axes, rotated))
        close = np.flatnonzero(about >= about.max() - self.reach - OUTLINE_ERROR)
        if 2 * len(close) > len(about):
            return self.cosines(rotated)
        cosines = np.full(len(about), -np.inf, np.float32)
        cosines[close] = np.vecdot(self.centers[close], rotated)
        return cosines


def outlined(centers: Vectors) -> tuple[Vectors, Vectors]:
    """`axes` and `outline` of these centers: their principal components, not centred."""
    _, directions = np.linalg.eigh(centers.T @ centers)
    axes = np.ascontiguousarray(directions[:, ::-1][:, :OUTLINED].T, np.float32)
    return axes, np.ascontiguousarray(centers @ axes.T)


class Lists:
    """The lists of one segment, ready for FAISS; safe for threads."""

    def __init__(
        self, centroids: Centroids, sizes: NDArray[np.int64], of_row: NDArray[np.uint16], lists: Bits
    ) -> None:
        """`sizes` (lists,) counts the rows in each; `of_row` (rows,) names the list of each row; `lists`
        is the memory described above. Raises ValueError where they disagree."""
        faiss = import_faiss()
        self.sizes = sizes
        self.of_row = of_row
        self._index, self._quantizer = new_index(centroids.centers)
        layout = list_layout(sizes, self._index.code_size)
        if int(sizes.min(initial=0)) < 0 or int(sizes.sum()) != len(of_row) or layout[-1, 2] != len(lists):
            raise ValueError("lists of another size")
        mapped = faiss.OnDiskInvertedLists()
        mapped.nlist, mapped.code_size = len(sizes), self._index.code_size
        mapped.read_only, mapped.prefetch_nthread = True, 0
        mapped.lists.resize(len(sizes))
        _one_list_each(mapped)[:] = layout[:-1]
        # FAISS would unmap what it is given when the object goes: it must not own this.
        mapped.ptr, mapped.totsize = faiss.swig_ptr(lists), len(lists)
        self._finalizer = weakref.finalize(self, _release, mapped)
        self._memory = lists
        self._mapped = mapped
        self._index.replace_invlists(mapped, False)
        self._index.ntotal = len(of_row)

    def candidates(
        self, rotated: Vectors, cosines: Vectors, chosen: Rows, most: int, wanted: Bits | None
    ) -> tuple[Rows, Vectors]:
        """About the nearest rows in the `chosen` lists, best first, and their estimated scores; of the
        `wanted` rows where that is given. `cosines` are those of all centroids."""
        faiss = import_faiss()
        chosen = np.ascontiguousarray(chosen[self.sizes[chosen] > 0], np.int64)
        if not len(chosen):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        selector = None if wanted is None else faiss.IDSelectorBitmap(wanted)
        scores, rows = np.empty(most, np.float32), np.empty(most, np.int64)
        near = np.ascontiguousarray(cosines[chosen], np.float32)
        parameters = faiss.SearchParametersIVF(nprobe=len(chosen), sel=selector)
        pointer = faiss.swig_ptr
        # One query is too little work to share, and a team of threads would spin while it waits.
        faiss.omp_set_num_threads(1)
        self._index.search_preassigned_c(
            1, pointer(rotated), most, pointer(chosen), pointer(near), pointer(scores), pointer(rows),
            False, parameters,
        )  # fmt: skip
        found = (rows >= 0) & (rows < len(self.of_row))
        return rows[found], scores[found]


def choose_lists(
    sizes: NDArray[np.int64],
    living: NDArray[np.int64],
    is_filtered: bool,
    cosines: Vectors,
    reach: float,
    most: int,
    least: int,
) -> Rows:
    """The lists to read for `most` hits, best first; (lists,) `sizes` and `living` count, over all segments,
    the rows in each, and those that may be found.

    They are those within `reach`, see ANCHORED, and in any case so many that they hold `least` rows or
    all."""
    read, limit = sizes.astype(np.float32), READ_MOST
    if is_filtered:
        read, limit = np.float32(COUNTED) * read + living, READ_WANTED
    near = np.where(living > 0, cosines, -np.inf)
    first = np.argpartition(-near, min(FIRST, len(near)) - 1)[:FIRST]
    first = first[np.argsort(-near[first], kind="stable")]
    anchor = int(np.searchsorted(np.cumsum(living[first]), ANCHORED * most))
    lowest = near[first[min(anchor, len(first) - 1)]] - reach
    chosen = np.flatnonzero(near >= lowest)
    limit = max(limit, int(READ_SHARE * int(sizes.sum())))
    if living[chosen].sum() < least:
        chosen, limit = np.flatnonzero(living > 0), 0
    chosen = chosen[np.argsort(-near[chosen], kind="stable")]
    enough = int(np.searchsorted(np.cumsum(living[chosen]), least)) + 1
    affordable = int(np.searchsorted(np.cumsum(read[chosen]), limit, side="right"))
    return chosen[: max(enough, affordable)]


def list_layout(sizes: NDArray[np.int64], code_size: int) -> NDArray[np.int64]:
    """Size, capacity and offset of each list, (lists + 1, 3); the last row has the end as its offset.

    Capacities are such that the rows, which follow the codes, are aligned."""
    step = 8 // int(np.gcd(code_size, 8))
    layout = np.zeros((len(sizes) + 1, 3), np.int64)
    layout[:-1, 0] = sizes
    layout[:-1, 1] = -(-sizes // step) * step
    layout[1:, 2] = np.cumsum(layout[:-1, 1] * (code_size + 8))
    return layout


def fill_lists(
    lists: Bits, sizes: NDArray[np.int64], of_row: NDArray[np.uint16], codes: NDArray[np.uint8]
) -> None:
    """Writes codes (rows, code size) into the memory of `lists`, see above."""
    code_size = codes.shape[1]
    rows = np.argsort(of_row, kind="stable").astype("<i8")
    start = 0
    for size, capacity, offset in list_layout(sizes, code_size)[:-1].tolist():
        mine = rows[start : start + size]
        lists[offset : offset + size * code_size] = codes[mine].reshape(-1)
        behind = offset + capacity * code_size
        lists[behind : behind + size * 8] = mine.view(np.uint8)
        start += size


def new_index(centers: Vectors) -> tuple[Any, Any]:
    """An empty FAISS index over these centroids, and its quantizer, which must live as long."""
    faiss = import_faiss()
    count, dimensions = centers.shape
    quantizer = faiss.IndexFlatIP(dimensions)
    quantizer.add(np.ascontiguousarray(centers))
    index = faiss.IndexIVFRaBitQ(quantizer, dimensions, count, faiss.METRIC_INNER_PRODUCT, False, 1)
    index.qb = QUERY_BITS
    index.is_trained = True
    return index, quantizer


def import_faiss() -> Any:
    """FAISS, which takes long to import and is needed only where there are lists."""
    import faiss

    return faiss


def codes_version() -> str:
    """What the codes depend on besides the centroids."""
    return f"rabitq-1 {import_faiss().__version__}"


def _one_list_each(mapped: Any) -> NDArray[np.int64]:
    # Setting 4,096 lists one by one through the wrapper takes a quarter of a second.
    address = int(mapped.lists.data().this)
    count = int(mapped.lists.size())
    return np.ctypeslib.as_array((ctypes.c_int64 * (3 * count)).from_address(address)).reshape(count, 3)


def _release(mapped: Any) -> None:
    mapped.ptr = None
