from __future__ import annotations

from fluorite.chunk import Chunk
from fluorite.learning.patterns.baskets import Baskets, baskets_of
from fluorite.learning.patterns.integration import IntegrationPatterns, integration_patterns
from fluorite.learning.patterns.roles import known_roles, roles_of


def chunks_of(
    identifier: str, frameworks: str, tags: str = "", quality: float = 0.8, path: str = ""
) -> list[Chunk]:
    stack, topics = tuple(frameworks.split()), tuple(tags.split())
    made = [
        Chunk(identifier, f"about {identifier}", "template", stack, topics, quality, {"name": identifier})
    ]
    if path:
        metadata = {"template": identifier, "path": path}
        made.append(
            Chunk(
                f"{identifier}#{path}", f"of {identifier}", "template-file", stack, topics, quality, metadata
            )
        )
    return made


def memory(together: bool = False) -> Baskets:
    chunks = [
        *chunks_of("next-hono-bff", "nextjs hono", "api", path="app/api/route.ts"),
        *chunks_of("next-page", "nextjs", "ui", path="app/page.tsx"),
        *chunks_of("next-zod-1", "nextjs zod", "validation"),
        *chunks_of("next-zod-2", "nextjs zod", "validation"),
        *chunks_of("hono-jwt", "hono jwt", "auth", path="src/auth.ts"),
        *chunks_of("hono-jwt-2", "hono jwt", "auth"),
        *chunks_of("laravel-queue", "laravel redis", "jobs", 0.2, path="app/Jobs/SendMail.php"),
        *chunks_of("laravel-model", "laravel", "db", 0.2),
    ]
    for number in range(30):
        chunks += chunks_of(f"rails-{number}", "rails", "backend")
    if together:
        chunks += chunks_of("everything", "nextjs hono laravel", "api")
    return baskets_of(chunks)


def found(*frameworks: str, together: bool = False) -> IntegrationPatterns:
    return integration_patterns(frameworks, memory(together))


def test_a_pattern_of_all_frameworks_comes_first() -> None:
    answer = found("Next.js", "Hono", "ララベル", together=True)
    assert answer.frameworks == ("nextjs", "hono", "laravel") and answer.coverage == "all"
    assert answer.patterns[0].frameworks == ("nextjs", "hono", "laravel")
    assert answer.patterns[0].evidence_ids == ("everything",)
    assert "1 pattern shows Next.js + Hono + Laravel together" in answer.summary


def test_without_one_the_answer_is_composed_of_pairs_and_singles_and_says_so() -> None:
    answer = found("Next.js", "Hono", "Laravel")
    assert answer.coverage == "pairs"
    assert [pattern.frameworks for pattern in answer.patterns] == [("nextjs", "hono"), ("laravel",)]
    assert answer.patterns[0].evidence_ids == ("next-hono-bff",)
    assert answer.summary == (
        "No pattern shows all of Next.js + Hono + Laravel; composed of Next.js + Hono (1) "
        "and, on its own, Laravel."
    )
    assert set(answer.evidence_ids) == {"next-hono-bff", "laravel-queue", "laravel-model"}


def test_frameworks_that_never_meet_and_unknown_ones_are_told() -> None:
    answer = found("nextjs", "laravel")
    assert answer.coverage == "singles" and "two of Next.js + Laravel" in answer.summary
    answer = found("nextjs", "unheard-of")
    assert answer.unknown == ("unheard-of",) and "Nothing is known of unheard-of" in answer.summary
    nothing = found("unheard-of")
    assert nothing.coverage == "none" and nothing.score == 0 and nothing.patterns == ()
    assert integration_patterns([], memory()).coverage == "none"


def test_each_framework_contributes_pieces_by_their_role() -> None:
    answer = found("nextjs", "hono", "laravel")
    by_role = {(one.framework, one.role): one for one in answer.contributions}
    assert by_role["nextjs", "routing"].chunk_ids[0].startswith("next-")
    assert by_role["hono", "auth"].chunk_ids[0] == "hono-jwt#src/auth.ts"
    assert by_role["laravel", "jobs"].chunk_ids == ("laravel-queue#app/Jobs/SendMail.php",)
    assert by_role["laravel", "data_access"].count == 2 and by_role["laravel", "data_access"].share == 1
    assert by_role["hono", "auth"].suggested and not by_role["hono", "routing"].suggested
    roles = {one.role for one in answer.contributions}
    assert all(sum(one.suggested for one in answer.contributions if one.role == role) == 1 for role in roles)


def test_what_is_usually_added_is_told_for_every_framework_in_turn() -> None:
    added = found("nextjs", "hono").usually_added
    of = {one.related: one for one in added}
    assert of["zod"].with_frameworks == ("nextjs",) and of["zod"].count == 2
    assert of["jwt"].with_frameworks == ("hono",) and of["jwt"].evidence_ids == ("hono-jwt", "hono-jwt-2")
    assert of["jwt"].confidence == 2 / 3
    assert not {"nextjs", "hono", "rails", "backend"} & of.keys()


def test_scores_are_the_sums_of_their_parts_and_grow_with_what_is_shown() -> None:
    scores = []
    for answer in (found("nextjs", "laravel"), found("nextjs", "hono"), found("nextjs", "zod")):
        assert answer.score == round(sum(answer.parts.values()), 3) and 0 <= answer.score <= 1
        for pattern in answer.patterns:
            assert pattern.score == round(sum(pattern.parts.values()), 3)
        scores.append(answer.score)
    assert scores[0] < scores[1] <= scores[2]


def test_roles_are_read_from_tags_paths_and_names_in_both_languages() -> None:
    assert roles_of(["auth"]) == ("auth",)
    assert roles_of([], "prisma/schema.prisma") == ("data_access",)
    assert roles_of([], "{{app_name}}/app/api/users/route.ts") == ("routing",)
    assert roles_of([], "", "Next.js 認証ミドルウェア") == ("routing", "auth")
    assert roles_of([], "src/upload-formData.ts") == ("storage",)
    assert roles_of(["unheard-of"]) == ()
    assert {"routing", "auth", "data_access", "validation", "ui", "tests", "deployment"} <= set(
        known_roles().order
    )
