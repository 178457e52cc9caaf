"""What the digest says of a rules file that is not in force as it stands."""

from collections.abc import Mapping

from mailbot.model import JSON

_LINES: Mapping[str, tuple[str, str]] = {
    "broken": (
        "Vos règles ({file}) contiennent une erreur ; la dernière version valable reste en vigueur. {mistake}",
        "Your rules ({file}) have a mistake; the last good version stays in force. {mistake}",
    ),
    "waiting": (
        (
            "Vos règles modifiées ({file}) ne s'appliquent pas : vous les avez refusées, la version précédente reste "
            "en vigueur. La prochaine modification du fichier vous sera de nouveau soumise."
        ),
        (
            "Your changed rules ({file}) are not used: you refused them, and the version before stays in force. The "
            "next change of the file is put to you again."
        ),
    ),
}


def trouble_line(state: str, about: Mapping[str, JSON], language: str) -> str:
    """One line for a state of the file, "broken" or "waiting"; `about` holds file and mistake."""
    french, english = _LINES[state]
    return (french if language == "fr" else english).format(file=about["file"], mistake=about.get("mistake", ""))
