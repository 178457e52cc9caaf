"""Domains where anybody gets a mailbox: such a sender's domain names no company."""

from importlib import resources

_TEXT = resources.files(__package__).joinpath("free_mail.txt").read_text(encoding="ascii")
FREE_MAIL = frozenset(line for line in _TEXT.splitlines() if line and not line.startswith("#"))
"""Lower case; free_mail.txt holds them."""
