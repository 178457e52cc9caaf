"""The ledger: everything that mailbot knows, in SQLite or PostgreSQL, a module per subject.

Every function takes an open connection (`store.writing`, `store.reading`) and a business,
and sees that business only.
"""
