"""What is shipped for servers: ports on loopback, no secrets in files, and whatever reads each file understands it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from house import absent

from mailbot.app import open_app
from mailbot.config import load_settings
from mailbot.settings import Settings
from mailbot.web.metrics import exposition

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE = {name: yaml.safe_load((DEPLOY / name).read_text("utf-8")) for name in ("compose.yaml", "compose.single.yaml")}
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
ROLES = ("watch", "worker", "clock", "web")
each_compose = pytest.mark.parametrize("name", COMPOSE)
each_unit = pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)


def ours(name: str) -> dict[str, dict[str, Any]]:
    """The services that run mailbot."""
    return {key: one for key, one in COMPOSE[name]["services"].items() if one["image"] == "mailbot"}


def tool(name: str, package: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        absent(f"{name} is not installed: apt-get install {package}")
    return str(found)


# ------------------------------------------------------------------------------------------------ containers


@each_compose
def test_the_file_follows_the_compose_specification(name: str) -> None:
    checker = Path(sys.executable).parent / "check-jsonschema"
    command = [str(checker), "--builtin-schema", "vendor.compose-spec", str(DEPLOY / name)]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stdout


def test_every_role_runs_and_only_workers_are_several() -> None:
    services = ours("compose.yaml")

    assert {key: one["command"] for key, one in services.items()} == {role: ["run", role] for role in ROLES}
    assert [key for key, one in services.items() if one.get("deploy", {}).get("replicas", 1) > 1] == ["worker"]
    assert {key: one["command"] for key, one in ours("compose.single.yaml").items()} == {"mailbot": ["run"]}


@each_compose
def test_every_published_port_is_the_webs_and_bound_to_loopback(name: str) -> None:
    ports = [port for service in COMPOSE[name]["services"].values() for port in service.get("ports", [])]

    assert ports == [f"127.0.0.1:{Settings.model_fields['web'].default.port}:8025"]


@each_compose
def test_the_bot_has_no_rights_and_a_root_that_cannot_be_written(name: str) -> None:
    for service in ours(name).values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert not service["user"].startswith(("0", "root"))
        assert any(place.startswith("/tmp") for place in service["tmpfs"])


@each_compose
def test_every_secret_is_a_file_that_the_settings_are_told_of(name: str, tmp_path: Path) -> None:
    secrets = {key: str(one["file"]) for key, one in COMPOSE[name]["secrets"].items()}
    assert all(place == f"./secrets/{key}" for key, place in secrets.items())
    for service in ours(name).values():
        told = {key: value for key, value in service["environment"].items() if key.endswith("_FILE")}
        assert {value.removeprefix("/run/secrets/") for value in told.values()} == set(service["secrets"])
        assert set(service["secrets"]) <= set(secrets)
        for key in service["secrets"]:
            (tmp_path / key).write_text("sqlite:////var/lib/mailbot/x.db" if key == "database" else f"word of {key}")
        environment = {
            key: str(value).replace("/run/secrets", str(tmp_path)) for key, value in service["environment"].items()
        }
        settings, _ = load_settings(DEPLOY / "mailbot.yaml", environment)
        business = settings.businesses[0]
        assert business.mailbox.password_file == tmp_path / "imap"
        assert business.smtp.password_file == tmp_path / "smtp"
        assert settings.key_file == tmp_path / "key"
        assert settings.redis == ("word of redis" if "redis" in service["secrets"] else None)


def test_redis_writes_its_log_and_neither_it_nor_the_database_reaches_outside() -> None:
    services = COMPOSE["compose.yaml"]["services"]

    command = services["redis"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"
    assert COMPOSE["compose.yaml"]["networks"]["inside"]["internal"] is True
    for key in ("redis", "postgres"):
        assert services[key]["networks"] == ["inside"]
        assert "healthcheck" in services[key]
    for service in ours("compose.yaml").values():
        assert {key: one["condition"] for key, one in service["depends_on"].items()} == {
            "postgres": "service_healthy",
            "redis": "service_healthy",
        }


def test_no_password_stands_in_a_file_of_deploy() -> None:
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            text = re.sub(r"#.*", "", path.read_text(encoding="utf-8"))

            assert not re.search(r"(?i)password\s*[:=]\s*\S", text), path
            assert not re.search(r"://[^/@\s]+:[^/@\s]+@", text), path


def test_the_image_is_made_in_two_stages_from_fixed_versions_and_is_nobodys() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)
    words = {word for line in copied for word in line.split()}
    images = [*re.findall(r"^ARG PYTHON=(\S+)", text, re.MULTILINE)]
    images += [one["image"] for one in COMPOSE["compose.yaml"]["services"].values() if one["image"] != "mailbot"]

    assert {"pyproject.toml", "constraints.txt", "README.md", "LICENSE", "mailbot", "rules", "templates"} <= words
    assert all((DEPLOY.parent / word).exists() for word in words if not word.startswith("/"))
    assert text.count("\nFROM ") == 2
    assert text.rindex("\nUSER 10001:10001") > text.rindex("\nFROM ")
    assert 'HEALTHCHECK --interval=5m --timeout=30s --start-period=1m CMD ["mailbot", "health"]' in text
    assert all(re.search(r":\d+\.\d+", image) for image in images), images


# ------------------------------------------------------------------------------------------------ systemd


@each_unit
def test_systemd_understands_the_unit(unit: Path, tmp_path: Path) -> None:
    analyze = tool("systemd-analyze", "systemd")
    name = unit.name.replace("@", "@worker")
    text = unit.read_text(encoding="utf-8").replace("/opt/mailbot/bin/mailbot", sys.executable)
    (tmp_path / name).write_text(text, encoding="utf-8")

    done = subprocess.run([analyze, "verify", str(tmp_path / name)], capture_output=True, text=True, timeout=60)

    assert name not in done.stderr, done.stderr


@each_unit
def test_systemd_finds_little_that_the_unit_could_do_harm_with(unit: Path) -> None:
    analyze = tool("systemd-analyze", "systemd")
    command = [analyze, "security", "--offline=true", "--threshold=20", "--no-pager", str(unit)]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stdout[-200:]


@each_unit
def test_the_unit_is_watched_and_takes_its_secrets_from_systemd(unit: Path) -> None:
    lines = unit.read_text(encoding="utf-8").splitlines()

    for line in ("Type=notify", "DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes"):
        assert line in lines
    assert [line for line in lines if line.startswith("WatchdogSec=")] == ["WatchdogSec=15min"]
    secrets = {line.partition("=")[2].partition(":")[0] for line in lines if line.startswith("LoadCredential=")}
    assert secrets == {"imap", "smtp", "key"}


def test_the_two_units_differ_only_in_what_they_run() -> None:
    whole, part = (
        [line for line in unit.read_text("utf-8").splitlines() if "=" in line and not line.startswith("#")]
        for unit in UNITS
    )
    only = {line.partition("=")[0] for line in set(whole) ^ set(part)}

    assert only == {"Description", "Conflicts", "ExecStart"}


# ------------------------------------------------------------------------------------ figures and proxies


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names that /metrics prints."""
    folder = tmp_path_factory.mktemp("metrics")
    (folder / "secrets").mkdir()
    (folder / "secrets" / "key").write_text("ab" * 32)
    tree = {
        "business": {"name": "Atelier", "owners": ["claire@elsewhere.example"]},
        "mailbox": {"maildir": "mail", "address": "box@atelier.example"},
        "smtp": {"url": "smtp://127.0.0.1:1"},
    }
    (folder / "mailbot.yaml").write_text(yaml.safe_dump(tree))
    app = open_app(folder / "mailbot.yaml", {})
    text, _ = exposition(app)
    app.close()
    return set(re.findall(r"^# TYPE (\w+) ", text.decode(), re.MULTILINE))


def used(expression: str) -> set[str]:
    return set(re.findall(r"\bmailbot_\w+", expression))


def alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text("utf-8"))["groups"]
    return list(group["rules"])


def test_every_alert_asks_for_figures_that_are_printed_and_says_what_to_do(printed: set[str]) -> None:
    assert len(alerts()) >= 8
    for alert in alerts():
        assert used(alert["expr"]) <= printed, alert["alert"]
        assert alert["labels"]["severity"] in ("info", "warning", "critical")
        assert {"summary", "description"} <= set(alert["annotations"])


def test_every_panel_of_the_dashboard_shows_figures_that_are_printed(printed: set[str]) -> None:
    board = json.loads((DEPLOY / "grafana" / "mailbot.json").read_text("utf-8"))
    expressions = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    places = [panel["gridPos"] for panel in board["panels"]]

    assert used(" ".join(expressions)) == printed, "each figure is shown, and none that does not exist"
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    assert all(place["x"] + place["w"] <= 24 for place in places)


def test_prometheus_understands_the_alerts() -> None:
    promtool = tool("promtool", "prometheus")
    command = [promtool, "check", "rules", str(DEPLOY / "prometheus" / "alerts.yaml")]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_the_proxy_lets_through_what_clients_need_and_nothing_else(name: str) -> None:
    text = re.sub(r"#.*", "", (DEPLOY / "proxy" / name).read_text("utf-8"))

    assert "127.0.0.1:8025" in text
    assert "404" in text
    assert not re.search(r"healthz|metrics", text)
    assert re.search(r"access_log off|output discard", text)


def test_nginx_understands_its_example(tmp_path: Path) -> None:
    nginx = tool("nginx", "nginx-light")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", tmp_path / "privkey.pem",
         "-out", tmp_path / "fullchain.pem", "-subj", "/CN=pay.atelier-martin.example", "-days", "2"],
        check=True, capture_output=True,
    )  # fmt: skip
    site = (DEPLOY / "proxy" / "nginx.conf").read_text("utf-8")
    site = site.replace("/etc/letsencrypt/live/pay.atelier-martin.example", str(tmp_path))
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    scratch = "".join(f"{kind}_temp_path {tmp_path}/{kind}; " for kind in kinds)
    whole = f"pid {tmp_path}/pid; error_log stderr; events {{}}\nhttp {{ access_log off; {scratch}\n{site}\n}}\n"
    (tmp_path / "nginx.conf").write_text(whole)

    done = subprocess.run([nginx, "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr
