"""What a piece of code defines: names from the syntax tree, kinds from its nodes and its text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tree_sitter import Node

COMMENTS = frozenset({"comment", "line_comment", "block_comment", "multiline_comment", "hash_bang_line"})
LEADING = COMMENTS | {
    "attribute_item",
    "inner_attribute_item",
    "decorator",
    "attribute_list",
    "annotation",
    "modifiers",
    "file_annotation",
    "visibility_modifier",
}
"""Nodes that belong to what follows them."""

LONGEST_NAME = 120
_LONG_LINE = re.compile(r"^.{600,}$", re.M)
"""No declaration, and too long to be searched for one."""
LONGEST_DESCRIPTION = 200

_WRAPPERS = frozenset({"export_statement", "decorated_definition", "ambient_declaration"})
_KIND_OF_NODE = re.compile(
    r"(?P<class>class|object_declaration|impl_item|record_|module$|companion_object|singleton_class)"
    r"|(?P<function>function|method|constructor|init_declarator|secondary_constructor)"
    r"|(?P<type>interface|struct|enum|trait|type_alias|type_declaration|type_item|protocol|union)"
)
_VARIABLES = frozenset({"lexical_declaration", "variable_declaration"})
_BODIES = frozenset(
    {"class_body", "declaration_list", "enum_class_body", "body_statement", "field_declaration_list"}
)
_DEFINITIONS = re.compile(
    r"(?:function|class|method|interface|struct|enum|trait|impl|mod|type|module|record|object|constructor|"
    r"type_alias|generator_function|abstract_class|const|static|macro|namespace|internal_module|union)"
    r"(?:_declaration|_definition|_item|_alias_declaration)|class|module|method|internal_module|"
    r"public_field_definition|singleton_method|property_declaration|companion_object"
)
_AMBIGUOUS = frozenset({"class", "module", "method"})
"""Also the words of the languages' keywords, whose nodes have no name."""
_NAME_FIELDS = ("name", "type", "declarator")
_METHODS = r"get|post|put|patch|delete|head|options|all|any|route|resource|apiResource|match"
_ROUTE = re.compile(
    r"^[ \t]*(?:export\s+default\s+)?(?:await\s+)?"
    r"[\w$.]*(?:app|router|route|routes|server|api|fastify|hono|mux|r|e|g|Route|http)\w*"
    rf"(?:\.|::|->)(?P<method>{_METHODS}|HandleFunc|Handle|GET|POST|PUT|PATCH|DELETE|Map(?:Get|Post|Put|Delete))"
    rf"\s*(?:<[^>]*>)?\(\s*[\"'`](?P<path>/?[^\"'`\s]*)",
    re.M,
)
_DECORATED_ROUTE = re.compile(
    rf"^[ \t]*[@\[#](?:\[)?(?:[\w.]+\.)?(?P<method>{_METHODS}|(?:Get|Post|Put|Patch|Delete|Request)Mapping|"
    r"Get|Post|Put|Patch|Delete|HttpGet|HttpPost|HttpPut|HttpDelete|Route|websocket)"
    r"\s*\(\s*(?:(?:value|path)\s*=\s*)?[\"'](?P<path>[^\"'\s]*)",
    re.M,
)
_BARE_ROUTE = re.compile(rf"^[ \t]*(?P<method>{_METHODS})\s*\(?\s*[\"'](?P<path>/[^\"'\s]*)", re.M)
_CHAINED_ROUTE = re.compile(r"\.(?P<method>route)\(\s*\"(?P<path>/[^\"\s]*)")
_ROUTES = (_ROUTE, _DECORATED_ROUTE, _BARE_ROUTE, _CHAINED_ROUTE)
_TEST = re.compile(
    r"^\s*(?:(?:describe|it|test|suite|context|specify)(?:\.\w+)*\s*\(\s*[\"'`]"
    r"|def test_|func Test[A-Z_]|#\[(?:tokio::)?test\]|@Test\b)",
    re.M,
)
_MARKUP = re.compile(r"(?:return|=>|\()\s*\(?\s*<(?:[A-Za-z][\w.]*|>)")
_COMPONENT = re.compile(r"(?:function|const|class|let|var)\s+[A-Z]\w*")
_COMMENT_LINE = re.compile(r"^\s*(?://[/!]?|#(?![\[!])|--|\*(?!/)|/\*\*?)\s?(.*?)(?:\*/)?\s*$")
_DOCSTRING = re.compile(r"\s*[rRuU]?(?:\"\"\"|''')\s*(.+?)\s*(?:\"\"\"|'''|\n\s*\n)", re.DOTALL)
_SIGNATURE = re.compile(r"^[ \t]*(?:async\s+)?(?:def|class)\s+\w+\s*(?:\([^)]*\))?[^\n]*:[ \t]*\n", re.M)
_TAG = re.compile(r"</?(?:summary|para|remarks)>")
_SENTENCE = re.compile(r"(?<=[.。!?！？])\s|(?<=[。！？])")
_NO_DESCRIPTION = re.compile(
    r"eslint|prettier|@ts-|noqa|type: ignore|copyright|licen[sc]e|spdx|^[-=*#~\s]*$|^!|"
    r"\.(?:tsx?|jsx?|py|php|go|rs|rb)$",
    re.I,
)


class Definition(NamedTuple):
    """`line` is the one in which the name stands, counted from 0."""

    name: str
    kind: str
    line: int


def definition_of(node: Node) -> Definition | None:
    """What a node defines, looking through exports and decorators; None where it defines nothing."""
    while node.type in _WRAPPERS:
        inner = node.child_by_field_name("declaration") or node.child_by_field_name("definition")
        if inner is None:
            return None
        node = inner
    if node.type in _VARIABLES:
        declared = next((one for one in node.named_children if one.type == "variable_declarator"), None)
        value = declared.child_by_field_name("value") if declared is not None else None
        name = declared.child_by_field_name("name") if declared is not None else None
        if name is None or name.type != "identifier":
            return None
        return _definition(name, "function" if value is not None and "function" in value.type else "code")
    if not _DEFINITIONS.fullmatch(node.type) or (node.type in _AMBIGUOUS and not node.is_named):
        return None
    found = _KIND_OF_NODE.search(node.type)
    name = _name(node)
    return _definition(name, found.lastgroup or "code" if found else "code") if name is not None else None


def body_of(node: Node) -> Node | None:
    """The part of a node that holds what it defines, after its head."""
    body = node.child_by_field_name("body")
    if body is not None:
        return body
    return next((child for child in node.named_children if child.type in _BODIES), None)


def kind_of(kind: str, text: str) -> str:
    """A kind made more precise by the text: a route, a test, a component of markup."""
    text = _LONG_LINE.sub("", text)
    if _TEST.search(text):
        return "test"
    if kind in ("", "code", "function") and any(pattern.search(text) for pattern in _ROUTES):
        return "route"
    if kind in ("function", "class", "code") and _COMPONENT.search(text) and _MARKUP.search(text):
        return "component"
    return kind or "code"


def routes_in(text: str) -> list[str]:
    """The routes that a text declares: "get /users"."""
    text = _LONG_LINE.sub("", text)
    found = [one for pattern in _ROUTES for one in pattern.finditer(text)]
    routes = (" ".join((_method(one["method"]), one["path"])).strip() for one in found)
    return list(dict.fromkeys(route for route in routes if len(route) <= LONGEST_NAME))


def description_of(text: str) -> str:
    """The first sentence of the comment or docstring with which code begins; "" where there is none."""
    told = list[str]()
    for line in text.lstrip().split("\n"):
        match = _COMMENT_LINE.match(line)
        if match is None:
            break
        words = _TAG.sub("", match.group(1)).strip()
        if words.startswith("@") or (told and not words):
            break
        if words and not _NO_DESCRIPTION.search(words):
            told.append(words)
    if not told:
        signature = _SIGNATURE.search(text)
        docstring = _DOCSTRING.match(text, signature.end() if signature else 0)
        told = [docstring.group(1)] if docstring else []
    sentence = " ".join(_SENTENCE.split(" ".join(" ".join(told).split()))[:1])
    return sentence[:LONGEST_DESCRIPTION].strip()


def _name(node: Node) -> Node | None:
    for field in _NAME_FIELDS:
        child = node.child_by_field_name(field)
        if child is not None:
            return child
    for child in node.named_children:
        if child.type.endswith("identifier") or child.type == "constant":
            return child
        if child.type.endswith("_spec") and child.child_by_field_name("name") is not None:
            return _name(child)
    return None


def _definition(name: Node, kind: str) -> Definition | None:
    text = " ".join((name.text or b"").decode(errors="replace").split())
    return Definition(text, kind, name.start_point[0]) if text and len(text) <= LONGEST_NAME else None


def _method(name: str) -> str:
    return name.removesuffix("Mapping").removeprefix("Http").removeprefix("Map").lower()
