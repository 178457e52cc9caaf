"""What a sandbox's child reads: invoices, with a program for pictures where there is one, and the mails they come in.

Named in `mailbot.sandbox.READERS`; nothing else calls these functions. What they need is imported by the child alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from mailbot.inbox.letter import parse_letter
from mailbot.invoices.archives import is_zip
from mailbot.invoices.layouts import learn_layout
from mailbot.invoices.papers import other_paper
from mailbot.invoices.read import archive_documents, documents_and_rest, letter_documents, read_document
from mailbot.model import InvoiceDocument, Lesson, Party, Problem
from mailbot.recognition import HOW_TO_INSTALL, recogniser


def read_invoice(
    data: bytes,
    name: str,
    *,
    use_xml: bool = True,
    use_ocr: bool = True,
    own: Party | None = None,
    lessons: Sequence[Lesson] = (),
) -> InvoiceDocument | Problem:
    """See `invoices.read.read_document`; `use_ocr` False leaves the characters of pictures alone."""
    recognise = recogniser() if use_ocr else None
    found = read_document(data, name, use_xml=use_xml, own=own, lessons=lessons, recognise=recognise)
    return _saying_what_to_install(found, wanted=use_ocr and recognise is None)


def read_documents(
    raw: bytes, *, use_xml: bool = True, use_ocr: bool = True
) -> list[tuple[str, InvoiceDocument | Problem]]:
    """The invoices that a raw mail or a ZIP carries, by the names of their files.

    What a mail carries beside them as PDF or XML comes after them, each a Problem of the code "left_out".
    """
    recognise = recogniser() if use_ocr else None
    wanted = use_ocr and recognise is None
    if is_zip(raw):
        found = archive_documents(raw, use_xml=use_xml, recognise=recognise)
    else:
        documents, rest = documents_and_rest(parse_letter(raw), recognise=recognise)
        found = [(one.name, document) for one, document in documents]
        found += [(one.file or "", one) for one in rest]
    return [(name, _saying_what_to_install(document, wanted=wanted)) for name, document in found]


def read_enclosed(
    raw: bytes, own: Mapping[str, str | None] | None = None, lessons: Sequence[Mapping[str, Any]] = ()
) -> list[tuple[str, bytes, InvoiceDocument | Problem]]:
    """The same for those who keep the documents: (name, content, what it says), also of one in an archive.

    `own` are the fields of the business's `Party`, `lessons` those of the `Lesson`s of its layouts.
    A PDF that says by its heading what it is instead of an invoice is a `Problem` with that word as its code.
    """
    found: list[tuple[str, bytes, InvoiceDocument | Problem]] = []
    party = Party(**own) if own else None
    learned = [Lesson(one["layout"], one["places"]) for one in lessons]
    for attachment, document in letter_documents(parse_letter(raw), party, learned, recogniser()):
        if isinstance(document, Problem) or document.source == "pdf-text":
            other = other_paper(attachment.content)
            document = Problem(other, "The document is no invoice.", file=attachment.name) if other else document
        found.append((attachment.name, attachment.content, document))
    return found


def read_lesson(pdf: bytes, confirmed: Mapping[str, Any]) -> Lesson | None:
    """What a confirmed invoice teaches of its layout; `confirmed` are the fields of its `InvoiceDocument`."""
    return learn_layout(pdf, TypeAdapter(InvoiceDocument).validate_python(confirmed))


def _saying_what_to_install(found: InvoiceDocument | Problem, *, wanted: bool) -> InvoiceDocument | Problem:
    if wanted and isinstance(found, Problem) and found.code == "no_text":
        return replace(found, message=f"{found.message} {HOW_TO_INSTALL}")
    return found
