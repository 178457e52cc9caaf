"""Settings are read here: mailbot.yaml and the environment become one frozen `Settings`, or all their mistakes at once.

The file is read as nodes, so that every mistake has its line and `18:30`, `no` or `012` stay what was written
(YAML 1.1 turns them into 1110, False and 10). Precedence: environment over file over default. A secret is never
in the file itself: `password_file:` there, or MAILBOT_…__PASSWORD or MAILBOT_…__PASSWORD_FILE in the environment.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError

from mailbot.errors import NotInitialised, SettingsError
from mailbot.settings import (
    Bank,
    Business,
    Digest,
    Inbox,
    LanguageModel,
    Law,
    Limits,
    Login,
    Mailbox,
    Section,
    Settings,
    Smtp,
    Tracking,
    Web,
)
from mailbot.values import nearest
from mailbot.yamlfile import read_settings

FILE_NAME = "mailbot.yaml"
WHERE = "MAILBOT_SETTINGS"
"""The environment variable that names mailbot.yaml; all others that begin with MAILBOT_ are settings."""
_PREFIX = "MAILBOT_"
_SECTIONS_OF_A_BUSINESS = (
    "mailbox", "smtp", "login", "rules", "tracking", "digest", "bank", "mode", "inbox", "language_model", "law",
)  # fmt: skip
_SECRET_ADDRESSES = ("database_file", "redis_file")

S = TypeVar("S", bound=Section)

Source = dict[str, str]
"""Path of a value ("smtp.url") → where it came from ("mailbot.yaml:7", "MAILBOT_SMTP__URL", "default")."""


def shipped(folder: Literal["rules", "templates"]) -> Path:
    """The folder of the policies or mails that come with mailbot, from the wheel or from a checkout."""
    here = Path(__file__).parent
    packed = here / "shipped" / folder
    return packed if packed.is_dir() else here.parent / folder


def load_settings(path: Path, environment: Mapping[str, str]) -> tuple[Settings, Source]:
    """The settings and where each value came from; relative paths are taken from the file's folder.

    Raises NotInitialised where there is no file, SettingsError with every mistake at once.
    """
    if not path.is_file():
        raise NotInitialised(f"{path} does not exist. Run `mailbot init` to make it, or go to the folder that has it.")
    tree, lines = read_settings(path)
    source = {dotted: f"{path.name}:{line}" for dotted, line in lines.items()}
    _override(tree, environment, source)
    shaped = _one_list(tree)
    try:
        settings = Settings.model_validate(shaped)
    except ValidationError as error:
        raise SettingsError(list(_sentences(error, path, lines, source, short="businesses" not in tree))) from error
    return _absolute(settings, path.parent.resolve()), source


def secret(section: Mailbox | Smtp) -> str | None:
    """The password, from the environment or the file that the settings name; raises SettingsError."""
    return _secret(section.password, section.password_file, "password")


def client_secret(login: Login) -> str | None:
    """What the provider knows the application by besides its client_id, if anything; raises SettingsError."""
    return _secret(login.client_secret, login.client_secret_file, "client secret")


def metrics_token(web: Web) -> str | None:
    """What Prometheus has to send, from where a password would come; None: nothing is set. Raises SettingsError."""
    return _secret(web.metrics_token, web.metrics_token_file, "token")


def model_key(section: LanguageModel) -> str | None:
    """The key of the language model, from where a password would come; raises SettingsError."""
    return _secret(section.key, section.key_file, "key")


def _secret(given: SecretStr | None, path: Path | None, what: str) -> str | None:
    if given is not None:
        return given.get_secret_value()
    if path is None:
        return None
    try:
        return path.read_text().strip()
    except OSError as error:
        raise SettingsError([f"{path}: {error.strerror}. Put the {what} there, mode 0600."]) from error


def _override(tree: dict[str, Any], environment: Mapping[str, str], source: Source) -> None:
    """MAILBOT_SMTP__URL=… sets smtp.url; the addresses that may hold a password also come as …_FILE."""
    for name, text in sorted(environment.items()):
        if not name.startswith(_PREFIX) or name == WHERE:
            continue
        *sections, key = name.removeprefix(_PREFIX).lower().split("__")
        if not sections and key in _SECRET_ADDRESSES:
            key, text = key.removesuffix("_file"), _file_text(Path(text))
        _section(tree, sections, name)[key] = text
        source[".".join((*sections, key))] = name


def _section(tree: dict[str, Any], sections: list[str], name: str) -> dict[str, Any]:
    """The part of the tree that a variable speaks of, made where there is none. Raises SettingsError."""
    target: Any = tree
    for place, section in enumerate(sections):
        if isinstance(target, list):
            if not section.isascii() or not section.isdigit() or int(section) >= len(target):
                there = f"{'.'.join(sections[:place])} has {len(target)}, counted from 0"
                raise SettingsError([f"the variable {name}: there is no {section!r} ({there})"])
            target = target[int(section)]
        elif isinstance(target, dict):
            target = target.setdefault(section, {})
    if not isinstance(target, dict):
        raise SettingsError([f"the variable {name}: {'.'.join(sections)} is not a section of the settings"])
    return target


def _file_text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError as error:
        raise SettingsError([f"{path}: {error.strerror}"]) from error


def _one_list(tree: dict[str, Any]) -> dict[str, Any]:
    """The short form (`business:` beside `mailbox:`, `smtp:` …) is a list of one."""
    if "businesses" in tree or not isinstance(tree.get("business"), dict):
        return tree
    rest = {key: value for key, value in tree.items() if key not in ("business", *_SECTIONS_OF_A_BUSINESS)}
    own = {key: tree[key] for key in _SECTIONS_OF_A_BUSINESS if key in tree}
    return {**rest, "businesses": [{**tree["business"], **own}]}


def _sentences(
    error: ValidationError, path: Path, lines: dict[str, int], source: Source, *, short: bool
) -> Iterator[str]:
    for fault in error.errors():
        steps = [str(step) for step in fault["loc"]]
        if short and steps[:2] == ["businesses", "0"]:
            steps = steps[2:] if steps[2:3] and steps[2] in _SECTIONS_OF_A_BUSINESS else ["business", *steps[2:]]
        dotted = ".".join(steps)
        place = _origin(dotted, path, lines, source)
        if fault["type"] == "extra_forbidden" and not short and dotted in _SECTIONS_OF_A_BUSINESS:
            yield f'{place}: "{dotted}" is a section of each business: businesses.0.{dotted}, businesses.1.{dotted} …'
        elif fault["type"] == "extra_forbidden":
            yield f'{place}: unknown key "{steps[-1]}"{nearest(steps[-1], _known_keys(steps[:-1]))}'
        elif fault["type"] == "missing":
            yield f'{place}: "{dotted}" is missing'
        else:
            yield f"{place}: {dotted}: {fault['msg'].removeprefix('Value error, ')}"


def _origin(dotted: str, path: Path, lines: dict[str, int], source: Source) -> str:
    """The line of the file; or the variable where the value, or all of its section, came from the environment."""
    given = {name for key, name in source.items() if key == dotted or key.startswith(f"{dotted}.")}
    if len(given) == 1 and (name := next(iter(given))).startswith(_PREFIX):
        return f"the variable {name}"
    return f"{path.name}:{_line_of(dotted, lines)}"


def _line_of(dotted: str, lines: dict[str, int]) -> int:
    while dotted and dotted not in lines:
        dotted = dotted.rpartition(".")[0]
    return lines.get(dotted, 1)


_SHAPES: Mapping[str, type[BaseModel]] = {
    "bank": Bank,
    "business": Business,
    "digest": Digest,
    "inbox": Inbox,
    "language_model": LanguageModel,
    "law": Law,
    "limits": Limits,
    "login": Login,
    "mailbox": Mailbox,
    "smtp": Smtp,
    "tracking": Tracking,
    "web": Web,
}


def _known_keys(steps: list[str]) -> list[str]:
    named = [_SHAPES[step] for step in steps if step in _SHAPES]
    if named:
        return list(named[-1].model_fields)
    if steps:
        return list(Business.model_fields)
    return [*Settings.model_fields, "business", *_SECTIONS_OF_A_BUSINESS]


def _absolute(settings: Settings, folder: Path) -> Settings:
    """Paths of the file are relative to it, wherever the command is started."""
    database = settings.database
    if database.startswith("sqlite:///") and not database.startswith("sqlite:////"):
        database = f"sqlite:///{folder / database.removeprefix('sqlite:///')}"
    return _placed(settings, folder).model_copy(update={"database": database})


def _placed(section: S, folder: Path) -> S:
    """`section` and the ones in it, each path taken from `folder`."""
    return section.model_copy(update={name: _place(value, folder) for name, value in section})


def _place(value: object, folder: Path) -> object:
    match value:
        case Bank():
            return _placed(value, folder).model_copy(update={"command": _program(value.command, folder)})
        case Section():
            return _placed(value, folder)
        case Path():
            return folder / value
        case (Section(), *_):
            return tuple(_place(one, folder) for one in value)
        case _:
            return value


def _program(command: tuple[str, ...], folder: Path) -> tuple[str, ...]:
    return (str(folder / command[0]), *command[1:]) if command and "/" in command[0] else command
