"""Why a pattern has its quality: the measured properties, what each weighs and what it adds.

What is measured of a template itself (see quality.py) adds up to 1. What is known beside it moves the sum
within bounds: code that is cut short, copies of the same thing, and how use and feedback went.

    real_code      0.7     words of code that neither the name nor the language accounts for, saturating
    description    0.15    says more than the name
    parameters     0.1     share of the declared ones that the code uses (templates alone)
    labels         0.05    has a stack and tags
    parses         −0.1    share of the code files that are whole, as a deduction
    duplication    −0.03   copies, as a deduction: 1 - 1 / variants
    use            ±0.15   use and feedback in [-1, 1]

For a file of a template the first weighs 0.8 and there are no parameters. For a chunk that was stored with
a quality of its own, `given` weighs 1 and stands for the first four.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...chunk import Chunk, metadata_text
from ...text import substance, words
from ..templates.quality import (
    CODE_SHARE,
    DESCRIPTION_SHARE,
    LABEL_SHARE,
    PARAMETER_SHARE,
    describes,
    file_quality,
    parameters_used,
    richness,
    template_quality,
)
from ..templates.template import Template, TemplateFile
from ..templates.template_chunks import FILE_TYPE, TEMPLATE_TYPE
from .syntax import parses

PARSE_DEDUCTION = 0.1
DUPLICATION_DEDUCTION = 0.03
USE_EFFECT = 0.15
SMALLEST_DIFFERENCE = 0.002


@dataclass(frozen=True, slots=True)
class QualityPart:
    """A property's value in [0, 1] ([-1, 1] for use), its weight, and what it adds to the score: weight ×
    value, or weight × (value - 1) for a deduction."""

    property: str
    value: float
    weight: float
    contribution: float


@dataclass(frozen=True, slots=True)
class QualityExplanation:
    """`score` in [0, 1] is the sum of the contributions, rounded and kept within these bounds."""

    score: float
    parts: tuple[QualityPart, ...]


def explained_template(template: Template, *, variants: int = 1, use: float = 0.0) -> QualityExplanation:
    """The quality of a template's own chunk. `variants` counts the templates that are the same but for
    language and style, this one included; `use` in [-1, 1] is how use and feedback went."""
    code = sum(file.substance for file in template.meaningful_files())
    parts = [
        _part("real_code", richness(code), CODE_SHARE),
        _part("description", float(describes(template)), DESCRIPTION_SHARE),
        _part("parameters", parameters_used(template), PARAMETER_SHARE),
        _part("labels", float(bool(template.stack and template.tags)), LABEL_SHARE),
    ]
    whole = [parses(file.path, file.code) for file in template.files]
    return _explained(parts, template_quality(template), _share_whole(whole), variants, use)


def explained_file(
    template: Template, file: TemplateFile, *, variants: int = 1, use: float = 0.0
) -> QualityExplanation:
    """The quality of the chunk of one of a template's files."""
    parts = [
        _part("real_code", richness(file.substance), 1 - DESCRIPTION_SHARE - LABEL_SHARE),
        _part("description", float(describes(template)), DESCRIPTION_SHARE),
        _part("labels", float(bool(template.stack and template.tags)), LABEL_SHARE),
    ]
    whole = parses(file.path, file.code)
    return _explained(parts, file_quality(template, file), _share_whole([whole]), variants, use)


def explained_chunk(
    chunk: Chunk,
    template: Chunk | None = None,
    files: Sequence[Chunk] = (),
    *,
    variants: int = 1,
    use: float = 0.0,
) -> QualityExplanation:
    """The quality of a stored chunk. For one learned from a template, `template` is the chunk of that
    template and `files` are the chunks of its files, from which it is measured again; what differs from
    the stored quality (a parameter that only a skeleton of a file uses) counts as parameters. For any
    other, its quality is `given`."""
    if chunk.chunk_type == TEMPLATE_TYPE:
        found = _restored(chunk, files)
        explained = explained_template(found, variants=variants, use=use)
        rest = chunk.quality_score - template_quality(found)
        return _corrected(explained, "parameters", rest, PARAMETER_SHARE)
    own = metadata_text(chunk, "path")
    if chunk.chunk_type == FILE_TYPE and template is not None:
        found = _restored(template, [chunk])
        explained = explained_file(found, found.files[0], variants=variants, use=use)
        rest = chunk.quality_score - file_quality(found, found.files[0])
        return _corrected(explained, "real_code", rest, 1 - DESCRIPTION_SHARE - LABEL_SHARE)
    whole = parses(own, chunk.content) if isinstance(chunk.content, str) and own else None
    parts = [_part("given", chunk.quality_score, 1.0)]
    return _explained(parts, chunk.quality_score, _share_whole([whole]), variants, use)


def _restored(chunk: Chunk, files: Sequence[Chunk]) -> Template:
    """The template behind its stored chunks; of its files, those that were worth a chunk."""
    name, description = metadata_text(chunk, "name"), metadata_text(chunk, "description")
    parameters = chunk.metadata.get("parameters")
    known = frozenset(words(" ".join((chunk.id, name, description, *chunk.frameworks, *chunk.tags))))
    return Template(
        id=chunk.id,
        name=name,
        description=description,
        stack=chunk.frameworks,
        tags=chunk.tags,
        parameters=tuple(map(str, parameters)) if isinstance(parameters, list | tuple) else (),
        files=tuple(
            TemplateFile(metadata_text(file, "path"), file.content, substance(file.content, known))
            for file in files
            if isinstance(file.content, str)
        ),
        repaired=False,
    )


def _corrected(found: QualityExplanation, name: str, rest: float, weight: float) -> QualityExplanation:
    """`found`, whose part `name` is so much greater."""
    if abs(rest) < SMALLEST_DIFFERENCE:
        return found
    parts = tuple(
        replace(part, value=part.value + rest / weight, contribution=part.contribution + rest)
        if part.property == name
        else part
        for part in found.parts
    )
    return QualityExplanation(_bounded(sum(part.contribution for part in parts)), parts)


def _explained(
    parts: list[QualityPart], measured: float, whole: float | None, variants: int, use: float
) -> QualityExplanation:
    """`measured` is the sum of `parts`, rounded as it is stored."""
    more = list[QualityPart]()
    if whole is not None:
        more.append(_deduction("parses", whole, PARSE_DEDUCTION))
    more.append(_deduction("duplication", 1 / max(variants, 1), DUPLICATION_DEDUCTION))
    more.append(_part("use", max(-1.0, min(1.0, use)), USE_EFFECT))
    score = measured + sum(part.contribution for part in more)
    return QualityExplanation(_bounded(score), (*parts, *more))


def _bounded(score: float) -> float:
    return round(max(0.0, min(1.0, score)), 3)


def _share_whole(found: Sequence[bool | None]) -> float | None:
    known = [one for one in found if one is not None]
    return sum(known) / len(known) if known else None


def _part(name: str, value: float, weight: float) -> QualityPart:
    return QualityPart(name, value, weight, weight * value)


def _deduction(name: str, value: float, weight: float) -> QualityPart:
    return QualityPart(name, value, weight, weight * (value - 1))
