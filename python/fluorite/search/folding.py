"""A page of hits: the best candidates, each with those that are the same thing again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..index.fingerprint import Fingerprints, near_identical

MOST_COMPARED = 2000
"""Of longer lists the tail is not compared: nobody reads it as a page."""

Order = NDArray[np.intp]
"""Rows of candidates, best first."""


@dataclass(frozen=True, slots=True)
class Group:
    """A candidate's row, and the rows that are folded into it, best first."""

    row: int
    variants: list[int]


def unfolded(order: Order) -> list[Group]:
    return [Group(row, []) for row in order.tolist()]


def folded(order: Order, fingerprints: Fingerprints, owners: NDArray[np.uint64]) -> list[Group]:
    """Groups of near-identical candidates and of those that belong together, each at the place of its best.

    `fingerprints` and `owners` have a row for each of `order`; candidates with one owner (a template and
    its files) belong together, 0 is no owner.
    """
    leaders = near_identical(fingerprints[:MOST_COMPARED]).tolist()
    groups: dict[int, Group] = {}
    of_owner = dict[int, Group]()
    of_place = dict[int, Group]()
    for place, (row, owner) in enumerate(zip(order.tolist(), owners.tolist(), strict=True)):
        leader = leaders[place] if place < len(leaders) else place
        own = of_owner.get(owner) if owner else None
        group = own or of_place.get(leader)
        if group is None:
            group = groups[place] = own = Group(row, [])
        else:
            group.variants.append(row)
        of_place[place] = group
        # A file that another template has too does not take its own template along.
        if own is not None:
            of_owner[owner] = own
    return list(groups.values())
