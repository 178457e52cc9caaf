"""What is shipped for servers: ports on loopback, no secrets in files, units that systemd understands."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mailbot.config import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def test_every_published_port_is_bound_to_loopback():
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_published_port_is_the_one_that_the_web_part_listens_on():
    (port,) = COMPOSE["services"]["mailbot"]["ports"]

    assert port.rpartition(":")[2] == str(Settings.model_fields["web"].default.port)


def test_the_bot_runs_without_rights_and_cannot_write_outside_its_data():
    for name in ("mailbot", "worker"):
        service = COMPOSE["services"][name]

        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert not service["user"].startswith(("0", "root"))


def test_the_health_check_of_the_container_is_mailbots_own():
    assert COMPOSE["services"]["mailbot"]["healthcheck"]["test"] == ["CMD", "mailbot", "health"]


def test_no_password_stands_in_a_file_of_deploy():
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")

            assert not re.search(r"(?i)password\s*[:=]\s*\S", re.sub(r"#.*", "", text)), path
            assert not re.search(r"://[^/@\s]+:[^/@\s]+@", text), path


def test_the_image_copies_everything_that_the_wheel_is_made_of():
    copied = re.findall(r"^COPY (.+) \S+$", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    words = {word for line in copied for word in line.split()}

    assert {"pyproject.toml", "README.md", "LICENSE", "mailbot", "rules", "templates"} <= words


def test_the_image_does_not_run_as_root():
    assert re.search(r"^USER (?!root)\w+", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_the_unit(unit, tmp_path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed: apt-get install systemd")
    name = unit.name.replace("@", "@worker")
    text = unit.read_text(encoding="utf-8").replace("/opt/mailbot/bin/mailbot", sys.executable)
    (tmp_path / name).write_text(text, encoding="utf-8")

    done = subprocess.run([analyze, "verify", str(tmp_path / name)], capture_output=True, text=True, timeout=60)

    assert name not in done.stderr, done.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_unit_takes_its_rights_away_and_its_secrets_from_systemd(unit):
    lines = unit.read_text(encoding="utf-8").splitlines()

    for line in ("DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes", "CapabilityBoundingSet="):
        assert line in lines
    secrets = {line.partition("=")[2].partition(":")[0] for line in lines if line.startswith("LoadCredential=")}
    assert secrets == {"imap", "smtp", "key"}
