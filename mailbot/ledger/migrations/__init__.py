"""The steps from one version of the tables to the next (Alembic)."""

NEWEST = "0011"
"""The last step, written here so that a start that has nothing to migrate need not import Alembic (0.2 s)."""
