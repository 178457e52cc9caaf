"""The tables that mailbot ships, read once for the tests of this folder."""

from mailbot.config import shipped
from mailbot.law.tables import read_tables
from mailbot.yamlfile import read_settings

TABLES = read_tables((path.name, *read_settings(path)) for path in sorted((shipped("rules") / "legal").glob("*.yaml")))
