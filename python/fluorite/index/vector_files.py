"""The files of a vector index.

    lock            held by whoever builds or writes (see build_lock.py)
    manifest        which segments and centroids there are, which of their rows are removed, and the
                    vectors that are in no segment yet
    segment-…       numbers, full vectors, and (once there are centroids) lists
    centroids-…     what FAISS was trained to

All are written by `arrays.write_arrays`. Segments and centroids never change and carry random names; one
counts only while the manifest names it. A write goes: the new files, then the manifest, moved into its
place; then what only an older manifest named is deleted, which leaves readers that have it mapped alone.
A crash in between leaves the older manifest and its files whole.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import MappedArrays, Numbers, map_arrays, write_arrays
from .partitions import Centroids, Lists, codes_version
from .vector_rows import Bits, Fixed
from .vector_segment import Held, Segment, held_segment, number_table

FORMAT = 2
MANIFEST = "manifest"
STRAY_SECONDS = 86_400
CENTROID_ARRAYS = ("centers", "rotation", "axes", "outline")
SMALL_ARRAYS = ("sizes",)
"""What would lead FAISS outside of the file if it were damaged: verified before it is used."""


@dataclass(frozen=True, slots=True)
class Space:
    """Where the files are, and whose vectors they hold."""

    folder: Path
    model_id: str
    dimensions: int

    def about(self, **more: Any) -> dict[str, Any]:
        return {"format": FORMAT, "model": self.model_id, "dimensions": self.dimensions, **more}


@dataclass(frozen=True, slots=True, eq=False)
class Generation:
    """What a manifest stands for. `token` tells it from others; `recent` is what is in no segment."""

    token: str
    sequence: int
    held: tuple[Held, ...]
    recent: tuple[Numbers, Fixed]
    centroids: Centroids | None


def new_name(kind: str) -> str:
    return f"{kind}-{uuid.uuid4().hex[:12]}"


def write_segment(
    space: Space, numbers: Numbers, matrix: Fixed, lists: Mapping[str, NDArray[Any]], centroids: str
) -> str:
    """Writes a segment and returns its name. `lists`: the arrays sizes, of_row and lists, or none."""
    name = new_name("segment")
    codes = codes_version() if lists else ""
    arrays: dict[str, NDArray[Any]] = {"numbers": numbers, "matrix": matrix, **lists}
    table = number_table(numbers)
    if table is not None:
        arrays["table"] = table
    about = space.about(name=name, rows=len(numbers), centroids=centroids, codes=codes)
    write_arrays(space.folder / name, about, arrays)
    return name


def map_segment(space: Space, name: str, centroids: Centroids | None) -> Segment | None:
    """The segment of that name; None where it is not sound. Its big arrays are not looked at."""
    mapped = map_arrays(space.folder / name, space.about(name=name))
    if mapped is None:
        return None
    arrays, rows = mapped.arrays, mapped.about["rows"]
    numbers, matrix, table = arrays["numbers"], arrays["matrix"], arrays.get("table")
    if numbers.shape != (rows,) or matrix.shape != (rows, space.dimensions) or not rows:
        return None
    lists = None
    if "lists" in arrays:
        small = {one: arrays[one] for one in SMALL_ARRAYS}
        if not MappedArrays(mapped.about, small, mapped.checksums).verify() or centroids is None:
            return None
        if (mapped.about["centroids"], mapped.about["codes"]) != (centroids.name, codes_version()):
            return None
        if len(arrays["sizes"]) != len(centroids.centers) or len(arrays["of_row"]) != rows:
            return None
        try:
            lists = Lists(centroids, arrays["sizes"], arrays["of_row"], arrays["lists"])
        except ValueError:
            return None
    return Segment(numbers, matrix, table, lists, name, mapped)


def map_written_segment(space: Space, name: str, centroids: Centroids | None) -> Segment:
    """A segment that was written a moment ago. Raises OSError where it cannot be read."""
    segment = map_segment(space, name, centroids)
    if segment is None:
        raise OSError(f"{space.folder / name}: what was just written cannot be read")
    return segment


def restore_segment(space: Space, segment: Segment) -> None:
    """Writes the file of a segment again where another process has deleted it."""
    if segment.mapped is not None and segment.name and not (space.folder / segment.name).exists():
        write_arrays(space.folder / segment.name, segment.mapped.about, segment.mapped.arrays)


def write_centroids(space: Space, centroids: Centroids) -> None:
    about = space.about(
        name=centroids.name,
        reach=centroids.reach,
        trained_rows=centroids.trained_rows,
        recall=centroids.recall,
    )
    arrays = {array: getattr(centroids, array) for array in CENTROID_ARRAYS}
    write_arrays(space.folder / centroids.name, about, arrays)


def read_centroids(space: Space, name: str) -> Centroids | None:
    mapped = map_arrays(space.folder / name, space.about(name=name))
    if mapped is None or not mapped.verify():
        return None
    about = mapped.about
    arrays = {array: np.array(mapped.arrays[array]) for array in CENTROID_ARRAYS}
    return Centroids(
        **arrays,
        reach=about["reach"],
        trained_rows=about["trained_rows"],
        recall=about["recall"],
        name=name,
    )


def write_manifest(
    space: Space, sequence: int, held: Collection[Held], recent: tuple[Numbers, Fixed], centroids: str
) -> str:
    """Writes the manifest over segments that have files, and returns its token."""
    token = uuid.uuid4().hex
    segments = [one.segment.name for one in held]
    about = space.about(token=token, sequence=sequence, segments=segments, centroids=centroids)
    arrays: dict[str, NDArray[Any]] = {"numbers": recent[0], "matrix": recent[1]}
    alive = {f"alive {row}": one.alive for row, one in enumerate(held) if one.alive is not None}
    write_arrays(space.folder / MANIFEST, about, {**arrays, **alive})
    return token


def read_about(space: Space) -> Mapping[str, Any] | None:
    """What the manifest says of itself; None where there is none of this format, model and dimension."""
    mapped = map_arrays(space.folder / MANIFEST, space.about())
    return None if mapped is None else mapped.about


def read_generation(space: Space, store_sequence: int) -> Generation | None:
    """What is on disk; None where there is nothing, or anything of it is not sound."""
    mapped = map_arrays(space.folder / MANIFEST, space.about())
    if mapped is None or not mapped.verify() or mapped.about["sequence"] > store_sequence:
        return None
    about, arrays = mapped.about, mapped.arrays
    recent = (np.array(arrays["numbers"]), np.array(arrays["matrix"]))
    if recent[1].shape != (len(recent[0]), space.dimensions):
        return None
    centroids = None
    if about["centroids"]:
        centroids = read_centroids(space, about["centroids"])
        if centroids is None:
            return None
    held = []
    for row, name in enumerate(about["segments"]):
        segment = map_segment(space, name, centroids)
        alive: Bits | None = arrays.get(f"alive {row}")
        if segment is None or (alive is not None and len(alive) != -(-len(segment.numbers) // 8)):
            return None
        held.append(held_segment(segment, None if alive is None else np.array(alive)))
    newest = [int(one.segment.numbers[-1]) for one in held] + recent[0][-1:].tolist()
    if max(newest, default=0) > store_sequence:
        return None
    return Generation(about["token"], about["sequence"], tuple(held), recent, centroids)


def delete_files(folder: Path, retired: Collection[str], kept: Collection[str]) -> None:
    """Deletes the retired files, and what a crash left behind a day ago and more."""
    for path in folder.glob("*-*"):
        if path.name in kept:
            continue
        try:
            if path.name in retired or time.time() - path.stat().st_mtime > STRAY_SECONDS:
                path.unlink()
        except OSError:
            continue


def verify_segment(segment: Segment, check: Callable[[], None] | None) -> bool:
    return segment.mapped is None or segment.mapped.verify(check)
