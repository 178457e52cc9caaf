"""Reads the mail that comes in: what kind it is, what its sender newly wrote, and what that means."""
