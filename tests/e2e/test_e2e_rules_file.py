"""The rules file changes under a running bot, between real servers: a bad change harms nobody, a good one counts."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from e2e_scene import CAST, MONDAY, OWNER, Person, Scene, at, bill, scene, text_of

from mailbot.config import shipped

GOOD = (shipped("rules") / "fr.yaml").read_text(encoding="utf-8")
SUNDAY = MONDAY - timedelta(days=1)
LEMAIRE = "lemaire"


def write(place: Path, text: str) -> None:
    """As an editor leaves it, some seconds ago."""
    place.write_text(text, encoding="utf-8")
    os.utime(place, (time.time() - 10,) * 2)


def about_rules(played: Scene) -> list[str]:
    return [text_of(mail) for mail in played.to(OWNER.email) if "gles" in str(mail["Subject"])]


def test_a_broken_file_keeps_the_last_good_rules_and_the_owner_is_told_once(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    write(rules, GOOD)
    with scene(tmp_path, settings={"rules": "rules.yaml"}) as played:
        played.forward(bill("FA-2026-0001", LEMAIRE, MONDAY - timedelta(days=3)), at(MONDAY, 7))
        played.feed(SUNDAY, at(MONDAY, 7))
        played.live(at(MONDAY, 7, 30))
        [good] = played.events("rules.in_force")

        write(rules, GOOD.replace("    signal: reply.promise\n", "    signal: reply.promis\n"))
        played.live(at(MONDAY, 7, 40), at(MONDAY, 7, 45))
        played.bot.close()  # a start with the broken file is a start with the last good one
        write(rules, GOOD.replace("    signal: reply.promise\n", "    signal: reply.promisse\n"))
        played.live(at(MONDAY, 9, 20), at(MONDAY + timedelta(days=1), 7, 45))

        [told] = about_rules(played)
        place = GOOD.splitlines().index("    signal: reply.promise") + 1
        told = " ".join(told.split())
        assert f"rules.yaml:{place}:13: error[unknown-signal]" in told
        assert "vouliez-vous dire « reply.promise » ?" in told
        assert [what for _, _, what in played.client_mails()] == ["reminder_1"]
        assert {row["body"]["rules_hash"] for row in played.rows("decision")} == {good["data"]["version"]}
        assert "contiennent une erreur" in text_of(played.to(OWNER.email)[-1])
        check = [sys.executable, "-m", "mailbot", "rules", "check", "--settings", str(played.settings)]
        assert subprocess.run(check, capture_output=True, check=False).returncode == 3

        write(rules, GOOD.replace("when: due + 10 days", "when: due + 12 days"))
        played.live(at(MONDAY + timedelta(days=1), 8), at(MONDAY + timedelta(days=1), 8, 5))

        assert [mail.splitlines()[0] for mail in about_rules(played)][1:] == ["Règles rétablies – rules.yaml"]
        versions = [row["data"]["version"] for row in played.events("rules.in_force")]
        assert len(set(versions)) == 2
        assert played.rows("decision")[-1]["body"]["rules_hash"] == versions[-1]


def test_a_change_that_would_write_to_many_at_once_waits_for_the_owner(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    others = "    label: Tous les autres\n"
    write(rules, GOOD.replace(others, f"{others}    shift: 60 days\n    skip: [courtesy, due_today]\n"))
    with scene(tmp_path, settings={"rules": "rules.yaml"}) as played:
        for number in range(12):
            person = Person("", f"compta@client{number}.example")
            client = replace(
                CAST.client(LEMAIRE), name=f"Client {number} SARL", siren=f"30326504{number}", person=person
            )
            played.forward(bill(f"FA-2026-{number:04}", client, MONDAY - timedelta(days=3)), at(MONDAY, 7))
        played.feed(SUNDAY, at(MONDAY, 7))
        played.live(at(MONDAY, 7, 30))

        write(rules, GOOD)
        played.live(at(MONDAY, 8, 50), at(MONDAY, 9, 20))

        assert played.client_mails() == []
        [question] = played.questions("rules_changed")
        assert "12 client(s) de plus" in question["text"]

        played.order(at(MONDAY, 9, 30), f"{question['number']} oui")
        played.live(at(MONDAY, 9, 31), at(MONDAY, 10, 15))

        assert len(played.client_mails()) == 12
