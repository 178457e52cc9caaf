"""An HTML mail as lines of text: quotes marked with "> ", a signature with "-- ", as in plain text.

Mail programs mark what they quote by elements of their own; everything else is left to `quotes`. What a reader of
the mail does not see (hidden by style or attribute, comments, scripts) is never text.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from lxml import etree, html

ORIGINAL = "-----Original Message-----"
"""Stands where a mail program begins the original, in whatever language its header lines are."""
_RULE_LINE = "_" * 32
_BLOCKS_WORDS = (
    "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr "
    "li main nav ol p pre section table tbody thead tfoot tr ul"
)
_BLOCKS = frozenset(_BLOCKS_WORDS.split())
_CELLS = frozenset({"td", "th"})
_SPACED = frozenset({"p", "ul", "ol", "h1", "h2", "h3", "pre"})
_UNREAD_WORDS = (
    "head style script title template noscript svg object iframe textarea select option datalist math video audio "
    "canvas map meta link s strike del"
)
_UNREAD = frozenset(_UNREAD_WORDS.split())
_QUOTES = frozenset({"gmail_extra_quote", "yahoo_quoted", "tutanota_quote", "zmail_extra", "ymail_android_signature_q"})
_ATTRIBUTIONS = frozenset({"gmail_attr", "moz-cite-prefix", "reply-intro", "replyforwardmessage"})
_ORIGINALS = frozenset({"divrplyfwdmsg", "olk_src_body_section", "zwchr", "mail-editor-reference-message-container"})
_SIGNATURES_WORDS = (
    "gmail_signature gmail_signature_prefix moz-signature protonmail_signature_block ms-outlook-mobile-signature "
    "front-signature io-ox-signature yahoo-signature signature tutanota_signature ymail_android_signature "
    "elementtoproofsignature mobile-signature"
)
_SIGNATURES = frozenset(_SIGNATURES_WORDS.split())
_RED = re.compile(
    r"(?:^|[;\s])color\s*:\s*(?:red|#(?:f00|ff0000|c00000|e00000)\b|"
    r"rgb\(\s*(?:1[89]\d|2\d\d)\s*,\s*\d{1,2}\s*,\s*\d{1,2}\s*\))",
    re.IGNORECASE,
)
_COLOURS = frozenset({"red", "#ff0000", "#f00", "#c00000"})
_RULED = re.compile(r"border-top\s*:\s*solid", re.IGNORECASE)
_UNSEEN = re.compile(
    r"display\s*:\s*none|text-decoration[^;]{0,40}line-through|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all|"
    r"(?:font-size|opacity|max-height)\s*:\s*0(?:\.0{1,4})?(?:px|pt|em|rem|%)?\s*(?:;|!|$)|font-size\s*:\s*1px|"
    r"(?<![-\w])color\s*:\s*transparent|(?:left|top|text-indent)\s*:\s*-\d{3,5}(?:px|em)",
    re.IGNORECASE,
)
_INK = re.compile(r"(?<![-\w])color\s*:\s*([^;!]{1,40})", re.IGNORECASE)
_PAPER = re.compile(r"background(?:-color)?\s*:\s*([^;!]{1,40})", re.IGNORECASE)
_WHITES = frozenset({"white", "#fff", "#ffffff", "rgb(255,255,255)"})
_SELECTOR = re.compile(r"^\s*[a-z0-9]{0,10}[.#]([\w-]{1,80})\s*$", re.IGNORECASE)
_BRACE = re.compile(r"[{}]")
_MAX_CSS = 64 * 1024
_MAX_HTML = 512 * 1024
_MAX_LINES = 5000
_MAX_EVENTS = 60_000
"""Start and end tags: real mails have some thousands."""
_MAX_STYLE = 1000
_SPACES = re.compile(r"[ \t\r\n\f\u00a0\u2007\u202f]+|[\u200b\u200c\u00ad\u034f\ufeff]+")


def html_lines(source: str) -> list[str]:
    """The text of `source` as lines; hidden parts are left out, quoted ones start with "> "."""
    return list(_lines(source))


def coloured(source: str) -> list[str]:
    """The passages in red: answers that somebody typed into the quoted mail and announced as such."""
    root = _parsed(source[:_MAX_HTML])
    found: list[str] = []
    inside = 0
    for event, element in etree.iterwalk(root, events=("start", "end")) if root is not None else ():
        if not _is_own(element):
            continue
        if event == "start" and not inside:
            found.append(_SPACES.sub(" ", "".join(element.itertext())).strip())
        inside += 1 if event == "start" else -1
    return list(dict.fromkeys(text for text in found if text))


@lru_cache(maxsize=4)
def _lines(source: str) -> tuple[str, ...]:
    """Kept for a moment, since several tests of one mail ask for the same text."""
    root = _parsed(source[:_MAX_HTML])
    if root is None:
        return ()
    writer = _Writer(_hidden_names(root))
    writer.walk(root)
    return tuple(writer.done())


def _parsed(source: str) -> html.HtmlElement | None:
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        return html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return None


class _Scope(NamedTuple):
    """What an element does to the text in it."""

    hidden: bool = False
    quoted: bool = False
    own: bool = False
    pre: bool = False
    attribution: int = -1


_PLAIN = _Scope()


class _Writer:
    """Writes lines while the tree is walked from its start to its end tags, without recursion."""

    def __init__(self, unseen: frozenset[str]) -> None:
        self.unseen = unseen
        self.lines: list[str] = []
        self.line: list[str] = []
        self.scopes: list[_Scope] = []
        self.attributed = 0
        self.hidden = self.quoted = self.own = self.pre = 0

    def walk(self, root: html.HtmlElement) -> None:
        for seen, (event, element) in enumerate(etree.iterwalk(root, events=("start", "end"))):
            if len(self.lines) > _MAX_LINES or seen > _MAX_EVENTS:
                break
            tag = element.tag if isinstance(element.tag, str) else "comment"
            if event == "start":
                self._open(tag, element)
                self._write(element.text)
            else:
                self._close(tag)
                if element is not root:
                    self._write(element.tail)

    def done(self) -> list[str]:
        """The lines; of several empty ones after another one is left."""
        self._break()
        return [line for line, above in zip(self.lines, ["", *self.lines], strict=False) if line or above]

    def _open(self, tag: str, element: html.HtmlElement) -> None:
        scope = self._scope(tag, element)
        self.scopes.append(scope)
        if scope is _PLAIN:
            return
        self.hidden += scope.hidden
        self.quoted += scope.quoted
        self.own += scope.own
        self.pre += scope.pre

    def _scope(self, tag: str, element: html.HtmlElement) -> _Scope:
        if self.hidden:
            return _PLAIN
        if tag in _UNREAD or tag == "comment":
            return _Scope(hidden=True)
        style = (element.get("style") or "")[:_MAX_STYLE] if element.attrib else ""
        if element.attrib and (element.get("hidden") is not None or (style and _is_unseen(style))):
            return _Scope(hidden=True)
        names = _names(element) if element.attrib else set()
        if not names.isdisjoint(self.unseen):
            return _Scope(hidden=True)
        self._lay_out(tag)
        if not element.attrib:
            return _Scope(quoted=tag == "blockquote", pre=tag == "pre") if tag in ("blockquote", "pre") else _PLAIN
        attribution = len(self.lines) if names & _ATTRIBUTIONS else -1
        quoted = tag == "blockquote" or not names.isdisjoint(_QUOTES)
        self._mark(names, style)
        own = bool(self.quoted or quoted) and _is_own(element)
        return _Scope(quoted=quoted, own=own, pre=tag == "pre", attribution=attribution)

    def _lay_out(self, tag: str) -> None:
        if tag == "br":
            self._break(force=True)
        elif tag in _CELLS:
            self.line.append(" ")
        elif tag in _BLOCKS:
            self._break()
            if tag == "li":
                self.line.append("- ")
            elif tag == "hr":
                self.lines.append(_RULE_LINE)

    def _mark(self, names: set[str], style: str) -> None:
        if not names.isdisjoint(_ORIGINALS):
            self._break()
            self.lines.append(ORIGINAL)
        elif style and _RULED.search(style):
            self.lines.append(_RULE_LINE)
        elif not self.quoted and not names.isdisjoint(_SIGNATURES):
            self._break()
            self.lines.append("-- ")

    def _close(self, tag: str) -> None:
        scope = self.scopes.pop()
        if not self.hidden and tag in _BLOCKS:
            self._break()
            if tag in _SPACED:
                self.lines.append("> " if self.quoted else "")
        if scope is _PLAIN:
            return
        if scope.attribution >= 0:
            self._quote_attribution(scope.attribution)
        self.hidden -= scope.hidden
        self.quoted -= scope.quoted
        self.own -= scope.own
        self.pre -= scope.pre

    def _quote_attribution(self, start: int) -> None:
        """An attribution in whatever language is part of the quote; a forward's header has the same element."""
        self._break()
        start = max(start, self.attributed)
        if self.lines[start:] and self.lines[-1].rstrip().endswith((":", "：")):
            self.lines[start:] = [line if line.startswith(">") else f"> {line}" for line in self.lines[start:]]
            self.attributed = len(self.lines)

    def _write(self, text: str | None) -> None:
        if not text or self.hidden:
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
        self.line.append(_SPACES.sub(_space, text))

    def _break(self, *, force: bool = False) -> None:
        text = "".join(self.line)
        text = text if self.pre else _SPACES.sub(_space, text).strip(" ")
        self.line = []
        if text.strip(" -") or (text and text != "- ") or force:
            self.lines.append(("> " if self.quoted and not self.own else "") + text)


def _is_unseen(style: str) -> bool:
    """Hidden by its style, or written in the colour of its own background."""
    if _UNSEEN.search(style):
        return True
    ink, paper = _INK.search(style), _PAPER.search(style)
    return ink is not None and paper is not None and _colour(ink[1]) == _colour(paper[1])


def _colour(written: str) -> str:
    plain = "".join(written.lower().split())
    return "white" if plain in _WHITES else plain


def _hidden_names(root: html.HtmlElement) -> frozenset[str]:
    """Classes and ids that the mail's style sheets hide on every screen; rules for some screens only do not count."""
    css = "\n".join(style.text or "" for style in root.iter("style"))[:_MAX_CSS]
    names: set[str] = set()
    depth = start = body = 0
    for brace in _BRACE.finditer(css):
        if brace[0] == "{":
            body = brace.end() if not depth else body
            depth += 1
            continue
        depth = max(0, depth - 1)
        if depth:
            continue
        selectors, rules = css[start : body - 1], css[body : min(brace.start(), body + _MAX_STYLE)]
        start = body = brace.end()
        if "@" not in selectors and _UNSEEN.search(rules):
            found = (_SELECTOR.match(selector) for selector in selectors.split(",")[:50])
            names |= {name[1].lower() for name in found if name}
    return frozenset(names)


def _space(found: re.Match[str]) -> str:
    return "" if found[0][0] in "\u200b\u200c\u00ad\u034f\ufeff" else " "


def _names(element: html.HtmlElement) -> set[str]:
    """Classes, id and the attributes by which mail programs name their elements, in lower case."""
    names = set((element.get("class") or "").lower().split())
    for attribute in ("id", "name", "data-marker"):
        value = element.get(attribute)
        if value:
            names.add(value.lower())
    if names & {"quote", "quoted-content", "__quoted_text__", "__headers__"}:
        names.add("yahoo_quoted")
    return names


def _is_own(element: html.HtmlElement) -> bool:
    return (
        bool(_RED.search((element.get("style") or "")[:_MAX_STYLE])) or (element.get("color") or "").lower() in _COLOURS
    )
