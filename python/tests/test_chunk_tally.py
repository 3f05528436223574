from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fluorite.chunk import Chunk
from fluorite.index.fingerprint import fingerprints_of, near_identical
from fluorite.learning.chunk_tally import ChunkTally, FrameworkCombination, count_repetitions

LONG = " ".join(f"const value{number} = compute{number}(input{number});" for number in range(80))


def tallied(*batches: list[Chunk]) -> ChunkTally:
    tally = ChunkTally(0.7)
    for batch in batches:
        tally.add(batch)
    return tally


def test_equal_code_counts_once_whatever_its_formatting_and_across_batches() -> None:
    tally = tallied(
        [Chunk("a", "const x = 1;\nrun(x)"), Chunk("b", "const y = 2;")], [Chunk("c", "const x  = 1; run(x)")]
    )
    assert tally.duplicates() == 1


def test_a_long_copy_with_a_word_changed_is_a_duplicate_and_other_long_code_is_not() -> None:
    other = LONG.replace("compute", "render").replace("value", "element").replace("input", "props")
    tally = tallied(
        [Chunk("a", LONG)], [Chunk("b", LONG.replace("compute40(", "compute41("))], [Chunk("c", other)]
    )
    assert tally.duplicates() == 1


@given(st.lists(st.integers(0, 127), max_size=6, unique=True), st.integers(0, 2**64 - 1))
def test_a_simhash_within_the_distance_is_never_missed_by_the_bands(bits: list[int], base: int) -> None:
    one = np.array([1, base, base ^ 0xFFFF], np.uint64)
    other = one.copy()
    other[0] = 2
    for bit in bits:
        other[1 + bit // 64] ^= np.uint64(1 << (bit % 64))
    assert count_repetitions(np.stack([one, other])) == 1


def test_the_count_is_that_of_what_a_search_folds() -> None:
    changed = [LONG.replace(f"value{number} ", f"other{number} ") for number in range(30)]
    chunks = [Chunk(f"c{place}", text) for place, text in enumerate([LONG, *changed, LONG, "short", "short"])]
    fingerprints = fingerprints_of(chunks)
    folded = near_identical(fingerprints) != np.arange(len(chunks))
    assert count_repetitions(fingerprints) == np.count_nonzero(folded) > 2


def test_empty_content_is_no_duplicate_of_empty_content() -> None:
    assert tallied([Chunk("a", ""), Chunk("b", "")]).duplicates() == 0


def test_combinations_count_patterns_under_one_name_each_and_leave_languages_out() -> None:
    tally = tallied(
        [
            Chunk("t", "x", frameworks=("Next.js", "Hono", "TypeScript")),
            Chunk("t#a.ts", "y", frameworks=("nextjs", "hono"), metadata={"template": "t"}),
            Chunk("u", "z", frameworks=("hono", "next")),
            Chunk("v", "w", frameworks=("laravel",)),
        ]
    )
    assert tally.combinations() == [FrameworkCombination(("hono", "nextjs"), 2)]


def test_qualities_fall_into_ten_bins_and_the_last_holds_one() -> None:
    chunks = [Chunk(str(score), "x", quality_score=score) for score in (0.0, 0.05, 0.1, 0.7, 0.95, 1.0)]
    figures = tallied(chunks).figures()
    assert figures["quality_histogram"] == [2, 1, 0, 0, 0, 0, 0, 1, 0, 2]
    assert (figures["high_quality_chunks"], figures["patterns_by_type"]) == (3, {"code": 6})
