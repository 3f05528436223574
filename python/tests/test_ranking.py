from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fluorite.search.options import Weights
from fluorite.search.ranking import FACT, Evidence, RankingWeights, best_first, rank, remember_weights
from fluorite.store import ChunkStore


def floats(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(values, np.float32)


@given(st.data(), st.integers(0, 20), st.floats(0, 5), st.floats(0, 5), st.floats(0, 5))
def test_scores_stay_between_zero_and_one(
    data: st.DataObject, count: int, lexical: float, dense: float, quality: float
) -> None:
    def column(low: float, high: float, nan: bool = False) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        values = st.one_of(st.floats(low, high, width=32), *([st.just(float("nan"))] if nan else []))
        return floats(*data.draw(st.lists(values, min_size=count, max_size=count)))

    qualities = column(0, 1)
    evidence = Evidence(
        bm25=data.draw(st.sampled_from((None, column(0, 50)))),
        bm25_bound=data.draw(st.floats(0, 100)),
        cosines=data.draw(st.sampled_from((None, column(-1, 1, nan=True)))),
    )
    scores = rank(evidence, qualities, RankingWeights(lexical, dense, quality)).scores
    assert scores.shape == (count,)
    assert np.all((scores >= 0) & (scores <= 1 + 1e-5))


def test_what_both_words_and_meaning_find_is_ahead_of_what_one_of_them_finds() -> None:
    evidence = Evidence(floats(9, 10, 0), 20, floats(0.6, 0.1, 0.7))
    assert best_first(rank(evidence, floats(0.5, 0.5, 0.5), RankingWeights()).scores, np.arange(3))[0] == 0


def test_what_has_no_vector_yet_is_ranked_by_its_words_alone() -> None:
    embedded = rank(Evidence(floats(9, 2, 5), 20, floats(0.2, 0.3, 0.1)), floats(0, 0, 0), RankingWeights())
    waiting = Evidence(floats(9, 2, 5), 20, floats(np.nan, 0.3, np.nan))
    ranked = rank(waiting, floats(0, 0, 0), RankingWeights())
    assert best_first(ranked.scores, np.arange(3)).tolist() == [0, 1, 2]
    assert ranked.dense.tolist()[::2] == [0, 0] and ranked.scores[1] == embedded.scores[1]
    assert ranked.scores[0] / ranked.scores[2] == np.float32(9 / 5)
    wordless = rank(Evidence(cosines=floats(np.nan, 0.3)), floats(0, 0), RankingWeights())
    assert wordless.scores[0] == 0 < wordless.scores[1]


def test_real_code_is_ahead_of_a_skeleton_of_the_same_topic() -> None:
    evidence = Evidence(floats(5, 5), 10, floats(0.5, 0.5))
    assert best_first(rank(evidence, floats(0.1, 0.9), RankingWeights()).scores, np.arange(2)).tolist() == [
        1,
        0,
    ]


def test_a_poor_match_of_words_does_not_count_as_a_full_one_for_being_the_best() -> None:
    poor = rank(Evidence(floats(1), 100, floats(0.5)), floats(0), RankingWeights())
    full = rank(Evidence(floats(60), 100, floats(0.5)), floats(0), RankingWeights())
    assert poor.lexical[0] < 0.03 and full.lexical[0] > 0.4


def test_a_part_that_the_query_lacks_leaves_its_weight_to_the_others() -> None:
    words_only = rank(Evidence(floats(70), 100), floats(1), RankingWeights())
    vector_only = rank(Evidence(None, 0, floats(0.4)), floats(1), RankingWeights())
    no_match = rank(Evidence(floats(0), 0, floats(0.4)), floats(1), RankingWeights())
    assert [round(float(ranked.scores[0]), 5) for ranked in (words_only, vector_only, no_match)] == [1, 1, 1]


def test_meaning_that_was_hardly_read_leaves_weight_to_words() -> None:
    def parts(readability: float) -> list[float]:
        ranked = rank(Evidence(floats(70), 100, floats(0.5), readability), floats(0), RankingWeights())
        return [round(float(part[0]), 3) for part in (ranked.lexical, ranked.dense)]

    assert parts(1) == parts(0.5) == [0.476, 0.476]
    assert parts(0.25) == [0.714, 0.238]
    assert parts(0) == [0.952, 0]


def test_given_weights_take_the_place_of_the_memorys_and_nothing_else_changes() -> None:
    weights = RankingWeights().replaced_by(Weights(dense=0))
    assert (weights.dense, weights.lexical) == (0, RankingWeights().lexical)


def test_remembered_weights_count_unless_the_defaults_are_newer(store: ChunkStore) -> None:
    remember_weights(store.facts)
    kept = store.facts.get(FACT)
    assert RankingWeights.from_fact(kept) == RankingWeights()
    changed = {**kept, "dense": 0.8, "words": {**kept["words"], "part": 0.4}}
    store.facts.put(FACT, changed)
    remember_weights(store.facts)
    found = RankingWeights.from_fact(store.facts.get(FACT))
    assert (found.dense, found.words.part) == (0.8, 0.4)
    assert RankingWeights.from_fact({**changed, "version": 0}) == RankingWeights()
    assert RankingWeights.from_fact({"dense": 1}) == RankingWeights.from_fact(None) == RankingWeights()
