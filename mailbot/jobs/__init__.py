"""The work: load, decide, save, hand on ids. The only place where pure and impure meet.

Every job takes an `Office` and the instant, may run twice, and may die anywhere: what it did is in one
transaction, what it did not do is found again by the clock.
"""
