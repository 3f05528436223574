"""How much a template is worth keeping, in [0, 1], from properties that can be measured."""

from __future__ import annotations

import math

from ...text import FILLER_WORDS, SYNTAX_WORDS, words
from .template import Template, TemplateFile

CODE_SHARE = 0.7
DESCRIPTION_SHARE = 0.15
PARAMETER_SHARE = 0.1
LABEL_SHARE = 0.05
WORDS_OF_RICH_CODE = 10.0
"""Substance at which code has earned 1 - 1/e of its share; the curve saturates beyond."""
WORDS_OF_A_DESCRIPTION = 3


def template_quality(template: Template) -> float:
    """The share of real code, a description that adds to the name, parameters that the code uses,
    and labels. A generated stub, whatever it is called, has none of the first three."""
    code = sum(file.substance for file in template.meaningful_files())
    return round(
        CODE_SHARE * richness(code)
        + DESCRIPTION_SHARE * describes(template)
        + PARAMETER_SHARE * parameters_used(template)
        + LABEL_SHARE * bool(template.stack and template.tags),
        3,
    )


def file_quality(template: Template, file: TemplateFile) -> float:
    """The file's own code, and what its template says of it."""
    return round(
        (1 - DESCRIPTION_SHARE - LABEL_SHARE) * richness(file.substance)
        + DESCRIPTION_SHARE * describes(template)
        + LABEL_SHARE * bool(template.stack and template.tags),
        3,
    )


def richness(substance: int) -> float:
    """What `substance` distinct words of code are worth, in [0, 1)."""
    return 1 - math.exp(-substance / WORDS_OF_RICH_CODE)


def describes(template: Template) -> bool:
    """Whether the description says more than the name and the labels."""
    named = {*words(template.id), *words(template.name), *words(" ".join((*template.stack, *template.tags)))}
    told = set(words(template.description)) - named - SYNTAX_WORDS - FILLER_WORDS
    return len(told) >= WORDS_OF_A_DESCRIPTION


def parameters_used(template: Template) -> float:
    """The share of the parameters that paths and code use; 0 without parameters."""
    if not template.parameters:
        return 0.0
    everything = "".join(file.path + file.code for file in template.files)
    used = sum("{{" + name in everything or "{{ " + name in everything for name in template.parameters)
    return used / len(template.parameters)
