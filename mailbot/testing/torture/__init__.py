"""Mails under fire: many reminders are sent while processes are killed, servers fail and payments come in.

`python -m mailbot.testing.torture --help` says how; `make torture` runs it. Counted is what the mail server took.
"""
