"""From a template to the chunks that the memory keeps of it."""

from __future__ import annotations

from ...chunk import LONGEST_LABEL, Chunk
from .quality import file_quality, template_quality
from .template import Template

TEMPLATE_TYPE = "template"
FILE_TYPE = "template-file"
LONGEST_FILE_ID = 2048


def template_chunks(template: Template, source: str) -> list[Chunk]:
    """One chunk for the template, under its id, and one per meaningful file, under `<id>#<path>`.

    `source` is the name of the file that the template was read from.
    """
    stack, tags = _labels(template.stack), _labels(template.tags)
    chunks = [
        Chunk(
            id=template.id,
            content=describe(template),
            chunk_type=TEMPLATE_TYPE,
            frameworks=stack,
            tags=tags,
            quality_score=template_quality(template),
            metadata={
                "name": template.name,
                "description": template.description,
                "parameters": list(template.parameters),
                "source": source,
            },
        )
    ]
    taken = dict[str, int]()
    for file in template.meaningful_files():
        identifier = f"{template.id}#{file.path}"[:LONGEST_FILE_ID]
        taken[identifier] = taken.get(identifier, 0) + 1
        if taken[identifier] > 1:
            identifier = f"{identifier}~{taken[identifier]}"
        chunks.append(
            Chunk(
                id=identifier,
                content=file.code,
                chunk_type=FILE_TYPE,
                frameworks=stack,
                tags=tags,
                quality_score=file_quality(template, file),
                metadata={"template": template.id, "path": file.path},
            )
        )
    return chunks


def describe(template: Template) -> str:
    """The template in a few lines, as it is embedded and shown."""
    lines = [template.name, template.description]
    for title, values in (
        ("stack", template.stack),
        ("tags", template.tags),
        ("parameters", template.parameters),
        ("files", tuple(file.path for file in template.files)),
    ):
        if values:
            lines.append(f"{title}: {', '.join(values)}")
    return "\n".join(line for line in lines if line)


def _labels(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if len(name.encode()) <= LONGEST_LABEL)
