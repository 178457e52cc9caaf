"""mailbot gets a small business paid, by e-mail."""

__version__ = "0.1.0"
