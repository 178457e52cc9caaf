"""An HTML mail as lines of text: quotes marked with "> ", a signature with "-- ", as in plain text.

Mail programs mark what they quote by elements of their own; everything else is left to `quotes`.
"""

import re
from functools import lru_cache

from lxml import etree, html

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "th",
        "tr",
        "ul",
    ]
)
_HIDDEN = frozenset({"head", "style", "script", "title", "template", "noscript", "svg", "object"})
_QUOTE_CLASSES = frozenset(
    {"gmail_extra_quote", "protonmail_quote", "yahoo_quoted", "moz-email-headers-table", "tutanota_quote"}
)
_SIGNATURE_CLASSES = frozenset(
    {"gmail_signature", "moz-signature", "protonmail_signature_block-user", "ms-outlook-mobile-signature"}
)
_RED = re.compile(
    (
        r"(?:^|[;\s])color\s*:\s*(?:red|#(?:f00|ff0000|c00000|e00000)\b|rgb\(\s*(?:1[89]\d|"
        r"2\d\d)\s*,\s*\d{1,2}\s*,\s*\d{1,2}\s*\))"
    ),
    re.IGNORECASE,
)
_RULE = re.compile(r"border-top\s*:\s*solid", re.IGNORECASE)
_MAX_HTML = 512 * 1024
_MAX_LINES = 5000
_SPACES = re.compile(r"[ \t\r\n\f\u00a0]+")


def html_lines(source: str) -> list[str]:
    """The text of `source` as lines; hidden parts are left out, quoted ones start with "> "."""
    return list(_lines(source))


@lru_cache(maxsize=4)
def _lines(source: str) -> tuple[str, ...]:
    """Kept for a moment, since several tests of one mail ask for the same text."""
    root = _parsed(source[:_MAX_HTML])
    if root is None:
        return ()
    writer = _Writer()
    writer.walk(root)
    return tuple(writer.done())


def _parsed(source: str) -> html.HtmlElement | None:
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return None


def coloured(source: str) -> list[str]:
    """The passages in red: answers that somebody typed into the quoted mail and announced as such."""
    root = _parsed(source[:_MAX_HTML])
    found = [] if root is None else [e for e in root.iter() if isinstance(e.tag, str) and _is_own(e)]
    texts = (_SPACES.sub(" ", "".join(e.itertext())).strip() for e in found[:200])
    return list(dict.fromkeys(text for text in texts if text))


class _Writer:
    """Writes lines while the tree is walked from its start to its end tags, without recursion."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.quoted = 0
        self.own = 0
        self.pre = 0

    def walk(self, root: html.HtmlElement) -> None:
        hidden = 0
        for event, element in etree.iterwalk(root, events=("start", "end")):
            if len(self.lines) > _MAX_LINES:
                break
            tag = element.tag if isinstance(element.tag, str) else "comment"
            if tag in _HIDDEN or tag == "comment":
                hidden += 1 if event == "start" else -1
            elif not hidden:
                (self._start if event == "start" else self._end)(tag, element)
            if event == "start":
                if not hidden:
                    self._write(element.text)
            elif not hidden and element is not root:
                self._write(element.tail)

    def done(self) -> list[str]:
        self._break()
        return self.lines

    def _start(self, tag: str, element: html.HtmlElement) -> None:
        if tag == "br":
            self._break(force=True)
        elif tag in _BLOCKS:
            self._break()
        if tag == "hr" or _is_rule(element):
            self.lines.append("_" * 32)
        if _is_signature(element) and not self.quoted:
            self.lines.append("-- ")
        self.quoted += _is_quote(tag, element)
        self.own += self.quoted > 0 and _is_own(element)
        self.pre += tag == "pre"

    def _end(self, tag: str, element: html.HtmlElement) -> None:
        if tag in _BLOCKS:
            self._break()
            if tag == "p":
                self.lines.append("> " if self.quoted else "")
        self.own -= self.quoted > 0 and _is_own(element)
        self.quoted -= _is_quote(tag, element)
        self.pre -= tag == "pre"

    def _write(self, text: str | None) -> None:
        if not text:
            return
        if self.pre:
            *full, last = text.split("\n")
            for line in full:
                self.line.append(line)
                self._break(force=True)
            self.line.append(last)
            return
        if self.own and text.strip():
            self._break()
            self.lines.append("")
        self.line.append(_SPACES.sub(" ", text))

    def _break(self, *, force: bool = False) -> None:
        text = "".join(self.line).strip(" ")
        self.line = []
        if text or force:
            self.lines.append(("> " if self.quoted and not self.own else "") + text)


def _classes(element: html.HtmlElement) -> set[str]:
    return set((element.get("class") or "").lower().split())


def _is_quote(tag: str, element: html.HtmlElement) -> bool:
    return tag == "blockquote" or bool(_classes(element) & _QUOTE_CLASSES)


def _is_own(element: html.HtmlElement) -> bool:
    return bool(_RED.search(element.get("style") or "")) or (element.get("color") or "").lower() in (
        "red",
        "#ff0000",
        "#c00000",
    )


def _is_signature(element: html.HtmlElement) -> bool:
    ident = (element.get("id") or "").lower()
    return ident in ("signature", "ms-outlook-mobile-signature") or bool(_classes(element) & _SIGNATURE_CLASSES)


def _is_rule(element: html.HtmlElement) -> bool:
    ident = (element.get("id") or "").lower()
    return ident in ("divrplyfwdmsg", "appendonsend") or bool(_RULE.search(element.get("style") or ""))
