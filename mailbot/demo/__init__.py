"""Ninety days of a small business in a minute: the real bot over real IMAP and SMTP, with invented people."""
