"""A second opinion by a language model on a reply that was not understood, where the settings name a model."""

import structlog

from mailbot.errors import ModelError
from mailbot.inbox.llm import question, with_opinion, worth_asking
from mailbot.jobs.office import Office
from mailbot.model import Letter, Reading

_log = structlog.get_logger(__name__)


def considered(office: Office, letter: Letter, found: Reading) -> Reading:
    """`found`, or what a language model makes of the same words; never of an owner's mail.

    Outside any transaction: the model may be slow, and what it fails at is read as without it.
    """
    model = office.language_model
    if model is None or letter.from_address.lower() in office.business.owners:
        return found
    if not worth_asking(found, office.business.language_model.below):
        return found
    try:
        return with_opinion(found, model.ask(question(found)))
    except ModelError as error:
        _log.warning("language_model_failed", why=str(error))
        return found
