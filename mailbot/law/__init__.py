"""What the law lets a business ask of a late debtor, and the clocks that run. Pure: facts, a table, a day in.

No legal advice: every amount names its article and its source, and what is not in the table is refused.
"""
