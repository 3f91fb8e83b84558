"""Settings: what this installation is told by its environment.

Every setting is an environment variable ``CLIENTRISK_<NAME>`` or a line of the file ``.env`` in the folder
the program is started in; the environment wins. ``docs/settings.md`` lists them all. What the *company*
decides (amounts, deadlines, who signs) is policy, not a setting: see ``config/policy``.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from config.environment import PREFIX, SettingsError, refuse_unknown_variables
from config.key_file import KeyFile
from config.keys import check_encryption_key, key_lines, new_encryption_key, new_signing_key
from config.office_hours import office_hours
from config.words import Language

__all__ = ["Settings", "SettingsError", "get_settings", "load_settings"]

Port = Annotated[int, Field(ge=1, le=65535)]
WILDCARD_HOSTS = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104  (to be replaced)  # nosec B104


HOLD_SECRETS = {
    "openid_client_secret",
    "secret_key",
    "encryption_keys",
    "mail_url",
    "database_url",
    "metrics_token",
    "prefect_database_url",
    "prefect_redis_url",
}
"""Settings whose value is never repeated in a message."""


class Settings(BaseSettings):
    """All settings, checked. Paths are absolute; ``{home}`` and the like in addresses are filled in."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
    )

    home: Path = Field(
        Path("var"),
        description="Folder of everything this installation writes: database, Prefect's files, keys, documents, logs.",
    )
    database_url: str = Field(
        "sqlite:///{home}/clientrisk.db",
        description="Where cases are kept: SQLite, or `postgresql://user:password@host/name` for PostgreSQL.",
    )
    api_host: str = Field("127.0.0.1", description="Address the pages and the JSON API listen on.")
    api_port: Port = Field(8000, description="Port the pages and the JSON API listen on.")
    api_own_port: Port | None = Field(
        None,
        description="A second port, of this API process alone, where several processes on one machine share the first "
        "(Linux): for its health and its figures. `clientrisk up --apis 2` sets it by itself.",
    )
    base_url: str = Field(
        "http://{api_host}:{api_port}",
        description="Address people reach the product by; links in messages begin with it.",
    )
    prefect_host: str = Field(
        "127.0.0.1", description="Address the Prefect server listens on. It has no users: keep it on loopback."
    )
    prefect_port: Port = Field(4200, description="Port the Prefect server and its pages listen on.")
    prefect_api_url: str = Field(
        "http://{prefect_host}:{prefect_port}/api",
        description="Where Prefect's API is. Name a server run elsewhere and `clientrisk up` starts none of its own.",
    )
    prefect_database_url: SecretStr | None = Field(
        None,
        description="Where the Prefect server keeps its runs: `postgresql://user:password@host/name`. Without it in an "
        "SQLite file in `{home}/prefect`.",
    )
    prefect_redis_url: SecretStr | None = Field(
        None,
        description="Where several Prefect servers on one PostgreSQL database tell each other what happens: "
        "`redis://host:6379/0`. Without it there is one server.",
    )
    prefect_ui_url: str = Field(
        "",
        description="Where people open Prefect's own pages, if not beside its API; links to runs begin with it.",
    )
    work_pool: str = Field("clientrisk", min_length=1, description="Prefect work pool that the workers serve.")
    time_zone: str = Field(
        "Asia/Shanghai", description="The company's time zone: business days and hours are counted in it."
    )
    company: str | None = Field(
        None,
        max_length=80,
        description="The company's name as it stands on papers and in messages to people outside.",
    )
    calendar: str = Field(
        "CN",
        pattern="^[A-Z]{2}$",
        description="Country whose public holidays and make-up working days count (two letters).",
    )
    working_hours: str = Field(
        "09:00-12:00,13:00-18:00",
        description="Hours of a business day at which people are at work, in stretches; how long steps took is counted "
        "in them.",
    )
    language: Language = Field(
        Language.ZH_CN, description="Language of messages and pages where a person and their browser have not said."
    )
    policy_folder: Path | None = Field(
        None, description="Folder with the company's own policy files; without it the packaged policy runs."
    )
    secret_key: SecretStr | None = Field(
        None,
        description="Signs session cookies (32 characters or more). Without it one is made, in `{home}/secret.key`.",
    )
    encryption_keys: Annotated[list[SecretStr], NoDecode] = Field(
        default_factory=list,
        description="Keys for personal data at rest, separated by commas; the first encrypts, all decrypt. "
        "Without them one is made once and kept in `{home}/encryption.key`.",
    )
    mail_url: SecretStr | None = Field(
        None,
        description="Mail server, as an Apprise address (`mailtos://user:password@host`), for people of whom only an "
        "e-mail address is known.",
    )
    console_channel: bool = Field(
        True,
        description="Write messages for people without a channel to `{home}/messages.jsonl` and to the worker's "
        "output.",
    )
    registries: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Further identity registries, separated by commas, each as `package.module:Class`.",
    )
    worker_threads: int = Field(4, ge=1, le=64, description="Cases that one worker moves forward at the same time.")
    lease_seconds: int = Field(
        12, ge=3, le=600, description="Seconds after which a case whose worker has fallen silent may be taken over."
    )
    link_days: int = Field(14, ge=1, le=90, description="Days an approval link stays valid.")
    session_hours: int = Field(12, ge=1, le=168, description="Hours a signed-in session lasts.")
    session_idle_minutes: int = Field(
        240, ge=5, le=10_080, description="Minutes without a request after which a signed-in session ends by itself."
    )
    sign_in_minutes: int = Field(15, ge=1, le=1440, description="Minutes a one-time sign-in link stays valid.")
    max_body_bytes: int = Field(
        10_485_760, ge=65_536, description="Largest request accepted, in bytes (uploads and CSV imports included)."
    )
    max_attachment_bytes: int = Field(
        5_000_000, ge=10_000, description="Largest file that can be handed in with a step, in bytes."
    )
    unmasks_per_hour: int = Field(
        20, ge=1, le=1000, description="Masked fields of customers that one person may have shown within an hour."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="How much the processes write to their logs."
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="How log lines are written: `text` for people, `json` (one object a line) for programs."
    )
    rate_limit_per_minute: int = Field(
        1200,
        ge=0,
        le=1_000_000,
        description="Requests a minute that one session or one API token may make, in each API process; 0: no limits.",
    )
    rate_limit_burst: int = Field(300, ge=1, le=1_000_000, description="Requests of one caller that may come at once.")
    rate_limit_anonymous_per_minute: int = Field(
        600, ge=1, le=1_000_000, description="Requests a minute from one address that name no session and no token."
    )
    rate_limit_sign_in_per_minute: int = Field(
        30, ge=1, le=10_000, description="Sign-in links and one-time codes a minute that one address may ask for."
    )
    lockout_failures: int = Field(
        10, ge=3, le=1000, description="Failing sign-ins within 15 minutes that lock an address for a time."
    )
    lockout_minutes: int = Field(
        15, ge=1, le=1440, description="Minutes of the first lock; each further one is twice as long, up to a day."
    )
    sign_in_addresses: Literal["full", "masked", "none"] = Field(
        "masked",
        description="What the book of sign-ins keeps of network addresses: `full`, `masked` (203.0.113.0/24), `none`.",
    )
    api_token_days: int = Field(90, ge=1, le=3650, description="Days an API token is good unless said otherwise.")
    api_token_longest_days: int = Field(365, ge=1, le=3650, description="Longest time an API token can be made for.")
    openid_issuer: str = Field(
        "", description="Issuer of the company's OpenID provider (`https://…`); with it staff can sign in there."
    )
    openid_client_id: str = Field("", description="What this installation is called at the OpenID provider.")
    openid_client_secret: SecretStr | None = Field(
        None, description="The client's secret at the OpenID provider; none for a public client."
    )
    openid_claim: str = Field(
        "email",
        pattern="^[a-zA-Z_][a-zA-Z0-9_.:/-]*$",
        description="Claim that names the person: `email` (it must be verified), or one that holds their id here.",
    )
    openid_label: str = Field("", max_length=60, description="What the button of the OpenID sign-in says.")
    metrics_token: SecretStr | None = Field(
        None,
        description="Token that reads `/metrics` (`Authorization: Bearer …`, 16 characters or more). Without it only "
        "this very machine may.",
    )
    webhook_private_hosts: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Hosts within the company's own network, separated by commas, that webhooks and people's "
        "own addresses may go to, also by plain http. Without it only public ones are gone to, by https.",
    )

    @field_validator("home", "policy_folder", mode="after")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return path.expanduser().resolve() if path else None

    @field_validator("registries", "webhook_private_hosts", mode="before")
    @classmethod
    def _split_names(cls, value: Any) -> Any:
        return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value

    @field_validator("encryption_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: Any) -> Any:
        return key_lines(value) if isinstance(value, str) else value

    @field_validator("encryption_keys", mode="after")
    @classmethod
    def _check_keys(cls, keys: list[SecretStr]) -> list[SecretStr]:
        for key in keys:
            check_encryption_key(key.get_secret_value())
        return keys

    @field_validator("openid_issuer")
    @classmethod
    def _an_issuer(cls, issuer: str) -> str:
        """Over the network only by https; a provider on this very machine may be tried without."""
        here = issuer.startswith(("http://127.0.0.1:", "http://localhost:", "http://[::1]:"))
        if issuer and not here and not issuer.startswith("https://"):
            raise ValueError("an https:// address is expected")
        return issuer

    @field_validator("metrics_token")
    @classmethod
    def _hard_to_guess(cls, token: SecretStr | None) -> SecretStr | None:
        if token and len(token) < 16:
            raise ValueError("a token of at least 16 characters is expected")
        return token

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, key: SecretStr | None) -> SecretStr | None:
        if key and len(key) < 32:
            raise ValueError("a secret of at least 32 characters is expected")
        return key

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        """SQLite with an absolute path, or PostgreSQL by the psycopg 3 driver."""
        for scheme in ("postgresql://", "postgres://", "postgresql+psycopg://"):
            if url.startswith(scheme):
                return "postgresql+psycopg://" + url.removeprefix(scheme)
        path = url.removeprefix("sqlite:///")
        if path in (url, "", ":memory:"):
            raise ValueError("sqlite:///path/to/file.db or postgresql://user:password@host/name is expected")
        return url if path.startswith("{home}") else f"sqlite:///{Path(path).expanduser().resolve()}"

    @field_validator("prefect_database_url")
    @classmethod
    def _postgresql(cls, url: SecretStr | None) -> SecretStr | None:
        """PostgreSQL by the driver that Prefect brings along."""
        if url is None:
            return None
        scheme, _, rest = url.get_secret_value().partition("://")
        if rest and scheme in ("postgresql", "postgres", "postgresql+asyncpg"):
            return SecretStr(f"postgresql+asyncpg://{rest}")
        raise ValueError("postgresql://user:password@host/name is expected")

    @field_validator("prefect_redis_url")
    @classmethod
    def _redis(cls, url: SecretStr | None) -> SecretStr | None:
        if url and not url.get_secret_value().startswith(("redis://", "rediss://")):
            raise ValueError("redis://host:6379/0 is expected")
        return url

    @field_validator("time_zone")
    @classmethod
    def _known_time_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("no such time zone; write one like Asia/Shanghai") from None
        return name

    @field_validator("working_hours")
    @classmethod
    def _hours_of_a_day(cls, text: str) -> str:
        office_hours(text)
        return text

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @field_validator("mail_url")
    @classmethod
    def _an_address(cls, url: SecretStr | None) -> SecretStr | None:
        if url and "://" not in url.get_secret_value():
            raise ValueError("an Apprise address is expected, like mailtos://user:password@host")
        return url

    @field_validator("policy_folder")
    @classmethod
    def _folder_exists(cls, folder: Path | None) -> Path | None:
        if folder and not folder.is_dir():
            raise ValueError("there is no such folder")
        return folder

    @model_validator(mode="after")
    def _fill_in(self) -> Self:
        """Fills ``{home}``, ``{api_host}`` … in the addresses."""
        places = {
            "home": self.home.as_posix(),
            "api_host": WILDCARD_HOSTS.get(self.api_host, self.api_host),
            "api_port": str(self.api_port),
            "prefect_host": WILDCARD_HOSTS.get(self.prefect_host, self.prefect_host),
            "prefect_port": str(self.prefect_port),
        }
        for field in ("database_url", "base_url", "prefect_api_url"):
            text: str = getattr(self, field)
            for place, value in places.items():
                text = text.replace("{" + place + "}", value)
            self.__dict__[field] = text.rstrip("/")
        return self

    @property
    def signs_in_by_openid(self) -> bool:
        """Whether an OpenID provider is set."""
        return bool(self.openid_issuer and self.openid_client_id)

    @property
    def runs_own_prefect(self) -> bool:
        """Whether ``clientrisk up`` starts the Prefect server itself: unless told of one elsewhere."""
        host = WILDCARD_HOSTS.get(self.prefect_host, self.prefect_host)
        return self.prefect_api_url == f"http://{host}:{self.prefect_port}/api"

    @property
    def prefect_pages(self) -> str:
        """Where Prefect's own pages are: as set, else beside its API."""
        return (self.prefect_ui_url or self.prefect_api_url.removesuffix("/api")).rstrip("/")

    def prefect_run_url(self, flow_run_id: str) -> str:
        """The page of one flow run in Prefect."""
        return f"{self.prefect_pages}/runs/flow-run/{flow_run_id}"

    def prefect_deployment_url(self, deployment_id: str) -> str:
        """The page of one deployment in Prefect."""
        return f"{self.prefect_pages}/deployments/deployment/{deployment_id}"

    @property
    def prefect_home(self) -> Path:
        """Prefect's own folder: its database and profile, apart from any Prefect the person already uses."""
        return self.home / "prefect"

    @property
    def documents(self) -> Path:
        """Folder of the papers handed in with cases."""
        return self.home / "documents"

    @property
    def logs(self) -> Path:
        """Folder of the log files."""
        return self.home / "logs"

    def ensure_home(self) -> Path:
        """Creates the folders and proves they can be written to. Raises ``SettingsError`` with what to do."""
        for folder in (self.home, self.prefect_home, self.documents, self.logs):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                probe = folder / f".writable-{os.getpid()}"
                probe.touch()
                probe.unlink()
            except OSError as error:
                raise SettingsError(
                    f"The folder {folder} cannot be written to ({error.strerror}). Give this user write access to it, "
                    f"or choose another folder with --home or {PREFIX}HOME."
                ) from None
        return self.home

    def signing_key(self) -> str:
        """The secret that signs session cookies; made once in ``{home}/secret.key`` when none is set."""
        if self.secret_key:
            return self.secret_key.get_secret_value()
        return new_signing_key(self.home / "secret.key")

    def fernet_keys(self) -> list[str]:
        """Keys for ``MultiFernet``, newest first; made once in ``{home}/encryption.key`` when none is set."""
        if self.encryption_keys:
            return [key.get_secret_value() for key in self.encryption_keys]
        return new_encryption_key(self.home / "encryption.key")

    @property
    def key_file(self) -> KeyFile | None:
        """The file the encryption keys are kept in; none where they are given as a setting."""
        return None if self.encryption_keys else KeyFile(self.home / "encryption.key")

    def environment(self) -> dict[str, str]:
        """These settings as ``CLIENTRISK_*`` variables for a child process, secrets included (never log it)."""
        return {PREFIX + name.upper(): _as_variable(value) for name, value in self if value is not None and value != []}


def load_settings(**overrides: Any) -> Settings:
    """Settings from the environment and ``.env``, with ``overrides`` (None means: not given) on top.

    Raises ``SettingsError`` that names each wrong or unknown variable and what it should be.
    """
    refuse_unknown_variables(Settings.model_fields)
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(problem) for problem in error.errors())) from None


@cache
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return load_settings()


def _sentence(problem: Any) -> str:
    name = str(problem["loc"][0]) if problem["loc"] else "settings"
    shown = "" if name in HOLD_SECRETS else f"={problem['input']}"
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{PREFIX}{name.upper()}{shown} is wrong: {message[:1].lower()}{message[1:]}. See docs/settings.md."


def _as_variable(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, list):
        return ",".join(_as_variable(item) for item in value)
    return str(value)
