"""What is shipped for servers: ports on loopback, no secrets in files, and whatever reads each file understands it."""

import json
import os
import re
import shutil
import subprocess
import sys
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from house import absent

from mailbot.app import open_app
from mailbot.config import load_settings
from mailbot.settings import Settings
from mailbot.testing.processes import free_ports, running
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


def test_the_image_has_what_pages_scans_and_copies_of_the_database_need() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    [server] = re.findall(r"^postgres:(\d+)", COMPOSE["compose.yaml"]["services"]["postgres"]["image"])
    [client] = re.findall(r"\bpostgresql-client-(\d+)\b", text)

    assert int(client) >= int(server), "pg_dump refuses a server that is newer than itself"
    assert '"/src[pdf,llm]"' in text
    assert "tesseract-ocr-fra" in text


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
def figures(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What /metrics prints of an installation in which nothing has happened yet."""
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
    return text.decode()


@pytest.fixture(scope="module")
def printed(figures: str) -> set[str]:
    """The names of the figures."""
    return set(re.findall(r"^# TYPE (\w+) ", figures, re.MULTILINE))


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


def test_what_an_alert_counts_stands_there_before_it_happens(figures: str) -> None:
    """Prometheus sees no rise from nothing to one: the first complaint would wake nobody."""
    asked = re.findall(r"(mailbot_\w+)\{([^}]*)\}", " ".join(alert["expr"] for alert in alerts()))
    wanted = {(name, labels.replace("exported_job=", "job=").replace(", ", ",")) for name, labels in asked}

    assert len(wanted) >= 6
    for name, labels in wanted:
        assert f"{name}{{{labels}}} " in figures, "with all its labels, in the order of the alphabet"


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


@pytest.mark.parametrize("kept", ["exported_job", "job"], ids=["as Prometheus renames it", "with honor_labels"])
def test_a_clock_and_a_watcher_that_stopped_are_noticed(kept: str, tmp_path: Path) -> None:
    promtool = tool("promtool", "prometheus")
    own = 'job="mailbot",' if kept == "exported_job" else ""
    series = [
        {"series": f'mailbot_job_last_success_timestamp_seconds{{{own}{kept}="{job}"}}', "values": "0x120"}
        for job in ("clock", "watch")
    ]
    labels = {"severity": "critical", **({"job": "mailbot"} if own else {})}
    jobs = {"MailbotClockStopped": "clock", "MailbotMailboxUnread": "watch"}
    cases = []
    for alert in alerts():
        if job := jobs.get(alert["alert"]):
            said = {key: text.replace("{{ $value | humanizeDuration }}", "1h 0m 0s")
                    for key, text in alert["annotations"].items()}  # fmt: skip
            expected = [{"exp_labels": {**labels, kept: job}, "exp_annotations": said}]
            cases.append({"alertname": alert["alert"], "eval_time": "1h", "exp_alerts": expected})
    shutil.copy(DEPLOY / "prometheus" / "alerts.yaml", tmp_path)
    whole = {
        "rule_files": ["alerts.yaml"],
        "tests": [{"interval": "1m", "input_series": series, "alert_rule_test": cases}],
    }
    (tmp_path / "test.yaml").write_text(yaml.safe_dump(whole))

    done = subprocess.run(
        [promtool, "test", "rules", "test.yaml"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert len(cases) == 2


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_the_proxy_lets_through_what_clients_need_and_nothing_else(name: str) -> None:
    text = re.sub(r"#.*", "", (DEPLOY / "proxy" / name).read_text("utf-8"))

    assert "127.0.0.1:8025" in text
    assert "404" in text
    assert not re.search(r"healthz|metrics", text)
    assert re.search(r"access_log off|output discard", text)


def site(folder: Path, **replaced: str) -> Path:
    """nginx's example as a whole configuration that writes into `folder` only; `replaced` are other texts of it."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "privkey.pem",
         "-out", folder / "fullchain.pem", "-subj", "/CN=pay.atelier-martin.example", "-days", "2"],
        check=True, capture_output=True,
    )  # fmt: skip
    text = (DEPLOY / "proxy" / "nginx.conf").read_text("utf-8")
    text = text.replace("/etc/letsencrypt/live/pay.atelier-martin.example", str(folder))
    text = text.replace("/var/log/nginx", str(folder))
    for old, new in replaced.items():
        text = text.replace(old, new)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    scratch = "".join(f"{kind}_temp_path {folder}/{kind}; " for kind in kinds)
    logs = f"pid {folder}/pid; error_log {folder}/error.log"
    whole = f"{logs}; events {{}}\nhttp {{ access_log {folder}/access.log; {scratch}\n{text}\n}}\n"
    (folder / "nginx.conf").write_text(whole)
    return folder / "nginx.conf"


def test_nginx_understands_its_example(tmp_path: Path) -> None:
    nginx = tool("nginx", "nginx-light")

    done = subprocess.run([nginx, "-t", "-c", site(tmp_path)], capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr


def test_no_log_of_nginx_keeps_a_token_also_where_the_bot_is_down_or_a_visitor_is_too_fast(tmp_path: Path) -> None:
    nginx = tool("nginx", "nginx-light")
    plain, secure, nobody = free_ports(3)
    config = site(tmp_path, **{
        "listen 80;": f"listen 127.0.0.1:{plain};", "listen [::]:80;": "", "listen [::]:443 ssl http2;": "",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{secure} ssl http2;", "127.0.0.1:8025": f"127.0.0.1:{nobody}",
    })  # fmt: skip
    host = {"host": "pay.atelier-martin.example"}

    with running("nginx", [nginx, "-c", str(config), "-g", "daemon off;"], secure, tmp_path / "out.log"):
        found = {
            httpx.get(f"https://127.0.0.1:{secure}/i/secret", headers=host, verify=False).status_code for _ in range(40)
        }
        moved = httpx.get(f"http://127.0.0.1:{plain}/i/secret", headers=host)

    assert found == {502, 503}
    assert moved.headers["location"] == "https://pay.atelier-martin.example/i/secret"
    assert "secret" not in "".join(log.read_text() for log in tmp_path.glob("*.log"))


@each_compose
def test_a_proxy_before_the_container_is_believed_where_visitors_come_from(name: str, tmp_path: Path) -> None:
    [told] = [one["environment"] for one in ours(name).values() if "ports" in one]
    (tmp_path / "x").write_text("sqlite:////var/lib/mailbot/x.db")
    environment = {key: str(tmp_path / "x") if key.endswith("_FILE") else str(value) for key, value in told.items()}

    settings, _ = load_settings(DEPLOY / "mailbot.yaml", environment)

    bridges = [ip_network(text) for text in settings.web.proxies]
    assert all(any(ip_address(gateway) in one for one in bridges) for gateway in ("172.17.0.1", "192.168.16.1"))
    assert not any(ip_address("192.0.2.7") in one or one.num_addresses > 2**20 for one in bridges)
