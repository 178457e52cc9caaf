"""Texts made comparable without changing their length, so that what is found can be pointed at in the original."""

import unicodedata


class _Fold(dict[int, str]):
    def __missing__(self, code: int) -> str:
        char = chr(code)
        base = unicodedata.normalize("NFD", char)[0]
        low = base.lower()
        self[code] = folded = low if len(low) == 1 and (base == char or base.isalpha()) else char
        return folded


_FOLDED = _Fold(
    {ord(c): " " for c in "\n\t\r\u00a0\u202f\u2009\u200b\u200c\u200d\u200e\u200f\ufeff"}
    | {ord(c): "'" for c in "’ʼ‘´`"}
)
_FOLDED.update({ord(c): "-" for c in "–—‑‐‒―"} | {ord(c): '"' for c in "«»“”„"})


def folded(text: str) -> str:
    """Lower case, without accents, one kind of space, apostrophe, dash and quotation mark; as long as `text`."""
    return text.translate(_FOLDED)
