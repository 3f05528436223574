from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fluorite.search.folding import Group, folded, unfolded


def fingerprints(*signatures: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint64]]:
    return np.array([[signature, 0, 0] for signature in signatures], np.uint64).reshape(-1, 3)


def owners(*values: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array(values, np.uint64)


def test_near_identical_candidates_stand_at_the_place_of_the_best() -> None:
    order = np.array([7, 3, 5, 1])
    groups = folded(order, fingerprints(1, 2, 1, 3), owners(11, 12, 13, 14))
    assert groups == [Group(7, [5]), Group(3, []), Group(1, [])]


def test_a_template_and_its_files_are_one_hit() -> None:
    assert folded(np.array([0, 1, 2]), fingerprints(1, 2, 3), owners(9, 8, 9)) == [
        Group(0, [2]),
        Group(1, []),
    ]


def test_a_file_that_two_templates_share_does_not_take_its_template_along() -> None:
    groups = folded(np.array([0, 1, 2]), fingerprints(1, 1, 3), owners(9, 8, 8))
    assert groups == [Group(0, [1]), Group(2, [])]


def test_what_is_unknown_folds_with_nothing() -> None:
    assert folded(np.array([0, 1]), fingerprints(0, 0), owners(0, 0)) == unfolded(np.array([0, 1]))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=30))
def test_every_candidate_is_in_one_group_and_groups_keep_the_order_of_their_best(
    rows: list[tuple[int, int]],
) -> None:
    order = np.random.default_rng(1).permutation(len(rows))
    groups = folded(order, fingerprints(*(one for one, _ in rows)), owners(*(one for _, one in rows)))
    everything = [row for one in groups for row in (one.row, *one.variants)]
    assert sorted(everything) == list(range(len(rows)))
    place = {row: position for position, row in enumerate(order.tolist())}
    assert [place[one.row] for one in groups] == sorted(place[one.row] for one in groups)
    assert all(place[one.row] < place[row] for one in groups for row in one.variants)
