"""Groups of near vectors, their number from the data: numpy alone, deterministic.

k-means on the unit sphere (Dhillon and Modha 2001), begun with more groups than are wanted (k-means++,
Arthur and Vassilvitskii 2007). Then the two groups whose union costs least (Ward 1963) become one again and
again, and the number is that with the least Bayesian information criterion for groups of one common spread
(as in X-means, Pelleg and Moore 2000). Last, k-means from the groups that are left.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ...index.arrays import Vectors
from ...normalisation import unit

Groups = NDArray[np.int64]

FEWEST = 8
"""Fewer vectors are one group."""
MOST_GROUPS = 320
VECTORS_OF_A_GROUP = 12
"""k-means begins with a group for so many vectors, MOST_GROUPS at most."""
MOST_SAMPLED = 40_000
"""Groups are found in an even sample of so many vectors; all are then assigned."""
ROUNDS = 12
WORTH_A_CHANGE = 0.01
"""Groups of a run before give way to others whose spread is less by this share, at the same number."""
BLOCK = 16_384
SEED = 20_240_601


def partitioned(
    vectors: Vectors, begin: Vectors | None = None, check: Callable[[], None] | None = None
) -> tuple[Groups, Vectors]:
    """The group of each of `vectors`, shape (n, d) and unit length, and the groups' unit centroids, shape
    (k, d); the largest group first.

    `begin` are centroids to go on from, shape (b, d): their groups stay, unless others describe the vectors
    clearly better. `check` may raise to stop in between.
    """
    count = len(vectors)
    if count == 0:
        return np.empty(0, np.int64), np.empty((0, vectors.shape[1]), np.float32)
    if count < FEWEST:
        together = np.zeros(count, np.int64)
        return together, _centres(vectors, together, 1)
    step = -(-count // MOST_SAMPLED)
    sample = np.ascontiguousarray(vectors[::step])
    most = int(np.clip(len(sample) // VECTORS_OF_A_GROUP, 2, MOST_GROUPS))
    groups, centres = _refined(sample, _seeds(sample, most, begin), ROUNDS, check)
    groups, centres = _refined(sample, _merged(sample, groups, centres), ROUNDS, check)
    if begin is not None and len(begin):
        same, former = _refined(sample, np.asarray(begin, np.float32), ROUNDS, check)
        gain = _criterion(sample, same, len(former)) - _criterion(sample, groups, len(centres))
        if gain < WORTH_A_CHANGE * len(sample):
            groups, centres = same, former
    if step > 1:
        groups = nearest(vectors, centres, check)[0]
    order = np.argsort(-np.bincount(groups, minlength=len(centres)), kind="stable")
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    return ranks[groups], np.ascontiguousarray(centres[order])


def nearest(
    vectors: Vectors, centres: Vectors, check: Callable[[], None] | None = None
) -> tuple[Groups, NDArray[np.float32]]:
    """For each vector the centre with the highest dot product, and that product; shape (n,) both."""
    groups = np.empty(len(vectors), np.int64)
    products = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), BLOCK):
        if check is not None:
            check()
        scores = vectors[start : start + BLOCK] @ centres.T
        best = scores.argmax(axis=1)
        groups[start : start + BLOCK] = best
        products[start : start + BLOCK] = scores[np.arange(len(best)), best]
    return groups, products


def _seeds(vectors: Vectors, most: int, begin: Vectors | None) -> Vectors:
    """`begin`, and more centres far from those chosen: all of the rest without `begin`, a quarter with it,
    so that what is known keeps most of its say."""
    random = np.random.default_rng(SEED)
    if begin is not None and len(begin):
        chosen = [np.asarray(begin[:most], np.float32)]
        wanted = min(most, len(chosen[0]) + max(2, len(chosen[0]) // 4))
    else:
        chosen = [vectors[random.integers(len(vectors))][None]]
        wanted = most
    distances = 1 - nearest(vectors, chosen[0])[1]
    for _ in range(wanted - len(chosen[0])):
        weights = np.maximum(distances, 0).astype(np.float64)
        total = weights.sum()
        if total <= 1e-9 * len(vectors):
            break
        pick = int(np.searchsorted(np.cumsum(weights), random.random() * total))
        centre = vectors[min(pick, len(vectors) - 1)]
        chosen.append(centre[None])
        np.minimum(distances, 1 - vectors @ centre, out=distances)
    return np.concatenate(chosen)


def _refined(
    vectors: Vectors, centres: Vectors, rounds: int, check: Callable[[], None] | None
) -> tuple[Groups, Vectors]:
    """Lloyd's iteration; groups that lose all their vectors are dropped. The groups are those of the
    nearest centre."""
    groups = np.full(len(vectors), -1, np.int64)
    for _ in range(rounds):
        before, (groups, _) = groups, nearest(vectors, centres, check)
        used, groups = np.unique(groups, return_inverse=True)
        if len(used) == len(centres) and np.array_equal(before, groups):
            return groups, centres
        centres = _centres(vectors, groups, len(used))
    groups = nearest(vectors, centres, check)[0]
    used, groups = np.unique(groups, return_inverse=True)
    return groups, centres[used]


def _centres(vectors: Vectors, groups: Groups, count: int) -> Vectors:
    return unit(_sums(vectors, groups, count))


def _sums(vectors: Vectors, groups: Groups, count: int) -> NDArray[np.float32]:
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], np.arange(count))
    sums = np.add.reduceat(vectors[order], np.minimum(starts, max(len(vectors) - 1, 0)), axis=0)
    sums[np.bincount(groups, minlength=count) == 0] = 0
    return np.asarray(sums, np.float32)


def _merged(vectors: Vectors, groups: Groups, centres: Vectors) -> Vectors:
    """Centres of as many groups as the criterion asks for, after Ward's merging."""
    count, total = len(centres), len(vectors)
    sizes = np.bincount(groups, minlength=count).astype(np.float64)
    means = _sums(vectors, groups, count) / np.maximum(sizes, 1)[:, None]
    means = means.astype(np.float64)
    spread = _spread(vectors, sizes, means)
    costs = _ward(sizes, means)
    owner = np.arange(count)
    left, best, best_owner = count, np.inf, owner.copy()
    while True:
        criterion = _information(total, spread, left)
        if criterion < best:
            best, best_owner = criterion, owner.copy()
        if left == 1:
            break
        one, other = divmod(int(costs.argmin()), count)
        spread += costs[one, other]
        weight = sizes[one] + sizes[other]
        means[one] = (sizes[one] * means[one] + sizes[other] * means[other]) / weight
        sizes[one], sizes[other] = weight, 0
        owner[owner == other] = one
        costs[other], costs[:, other] = np.inf, np.inf
        alive = sizes > 0
        alive[one] = False
        distance = ((means[alive] - means[one]) ** 2).sum(axis=1)
        costs[one, alive] = costs[alive, one] = weight * sizes[alive] / (weight + sizes[alive]) * distance
        left -= 1
    used, joined = np.unique(best_owner, return_inverse=True)
    return _centres(vectors, joined[groups], len(used))


def _criterion(vectors: Vectors, groups: Groups, count: int) -> float:
    sizes = np.bincount(groups, minlength=count).astype(np.float64)
    means = _sums(vectors, groups, count).astype(np.float64) / np.maximum(sizes, 1)[:, None]
    return _information(len(vectors), _spread(vectors, sizes, means), count)


def _information(total: int, spread: float, count: int) -> float:
    """The Bayesian criterion over the number of dimensions, which is a factor of both of its terms."""
    return total * float(np.log(max(spread, 1e-9 * total))) + count * float(np.log(total))


def _spread(vectors: Vectors, sizes: NDArray[np.float64], means: NDArray[np.float64]) -> float:
    """The sum of the squared distances of vectors to their groups' means."""
    squares = float(np.einsum("ij,ij->", vectors, vectors, dtype=np.float64))
    return squares - float(sizes @ (means**2).sum(axis=1))


def _ward(sizes: NDArray[np.float64], means: NDArray[np.float64]) -> NDArray[np.float64]:
    norms = (means**2).sum(axis=1)
    distances = np.maximum(norms[:, None] + norms - 2 * means @ means.T, 0)
    costs = sizes[:, None] * sizes / np.maximum(sizes[:, None] + sizes, 1) * distances
    np.fill_diagonal(costs, np.inf)
    return np.asarray(costs)
