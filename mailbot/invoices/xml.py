"""XML of strangers: no entities, no network, no document types, bounded size and depth."""

import re
from collections.abc import Iterator

from lxml import etree

from mailbot.model import Problem

MAX_BYTES = 20 * 1024 * 1024
_MAX_ELEMENTS = 200_000
_MAX_WORDS = 4000
_MOST_TEXTS = 5000
_MOST_SIGNS = 200_000

_HEAD = 2000
_DOCUMENT_TYPE = re.compile(rb"<!DOCTYPE", re.IGNORECASE)
_NO_TYPES = "The XML declares a document type, which may hide what is in it and which invoices have no use for."

Node = etree._Element

_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    dtd_validation=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)
_has_too_many = etree.XPath(f"boolean((//*)[{_MAX_ELEMENTS + 1}])")


def parse_xml(data: bytes) -> Node | Problem:
    """The root; libxml2 itself refuses a depth over 256 and amplifying entities (huge_tree is off)."""
    if len(data) > MAX_BYTES:
        return Problem("too_big", f"The XML file has {len(data)} bytes; at most {MAX_BYTES} are read.")
    try:
        root = etree.fromstring(data.strip(b" \r\n\t"), _PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        if _DOCUMENT_TYPE.search(data[:_HEAD].replace(b"\0", b"")):
            return Problem("document_type", _NO_TYPES)
        where = f" in line {line}" if line else ""
        return Problem("bad_xml", f"The XML is damaged{where}: it cannot be read. Ask for the file again.", line=line)
    if root.getroottree().docinfo.internalDTD is not None:
        return Problem("document_type", _NO_TYPES)
    if _has_too_many(root):
        return Problem("too_big", f"The XML has more than {_MAX_ELEMENTS} elements.")
    return root


def local_name(node: Node) -> str:
    return etree.QName(node).localname


def find(node: Node | None, *paths: str) -> Node | None:
    """The first element on the first path that has one; path steps are local names ("A/B"), any namespace."""
    for path in paths:
        for found in find_all(node, path):
            return found
    return None


def find_all(node: Node | None, path: str) -> Iterator[Node]:
    """Every element on a path of local names."""
    if node is None:
        return
    step, _, rest = path.partition("/")
    for child in node.iterchildren(f"{{*}}{step}"):
        if rest:
            yield from find_all(child, rest)
        else:
            yield child


def text(node: Node | None, *paths: str) -> str | None:
    """The first text on these paths that is not blank, in one line of spaces."""
    for path in paths:
        for found in find_all(node, path):
            if words := words_of(found):
                return words
    return None


def words_in(root: Node) -> str:
    """All text of a document, bounded: for looking whether something is said at all."""
    return " ".join(str(text) for text, _ in zip(root.itertext(), range(_MOST_TEXTS), strict=False))[:_MOST_SIGNS]


def words_of(node: Node) -> str:
    """The text of an element in one line; longer than 4000 characters it is cut, for no field is."""
    return " ".join((node.text or "")[:_MAX_WORDS].split())
