"""Settings: what a person may set, what they are told when it is wrong, and keys that are made once."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, MultiFernet

from cli.ports import is_free
from cli.product import Size, child_environment, hold_home, on_free_ports, product_children
from config.prefect import adopt_environment, server_arguments, server_environment
from config.problem import Problem
from config.settings import SettingsError, get_settings, load_settings
from config.words import Language

ROOMS = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("CLIENTRISK_", "PREFECT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def refusal() -> str:
    with pytest.raises(SettingsError) as refused:
        load_settings()
    return str(refused.value)


def test_nothing_need_be_set(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.home == tmp_path / "var"
    assert settings.database_url == f"sqlite:///{tmp_path}/var/clientrisk.db"
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.prefect_api_url == "http://127.0.0.1:4200/api"
    assert settings.language is Language.ZH_CN
    assert settings.runs_own_prefect


def test_addresses_follow_home_and_ports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIENTRISK_API_PORT", "8080")
    monkeypatch.setenv("CLIENTRISK_API_HOST", "0.0.0.0")
    settings = load_settings(home=tmp_path / "risk", prefect_port=4299)
    assert settings.database_url == f"sqlite:///{tmp_path}/risk/clientrisk.db"
    assert settings.base_url == "http://127.0.0.1:8080"  # nobody can open a link to 0.0.0.0
    assert settings.prefect_api_url == "http://127.0.0.1:4299/api"


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text(
        "CLIENTRISK_LINK_DAYS=7\nCLIENTRISK_WORK_POOL=泉山\nOTHER_PROGRAM=1\n", encoding="utf-8"
    )
    monkeypatch.setenv("CLIENTRISK_LINK_DAYS", "3")
    settings = load_settings()
    assert (settings.link_days, settings.work_pool) == (3, "泉山")


@pytest.mark.parametrize(
    ("url", "becomes"),
    [
        ("postgresql://risk:pw@db/risk", "postgresql+psycopg://risk:pw@db/risk"),
        ("postgres://risk:pw@db/risk", "postgresql+psycopg://risk:pw@db/risk"),
        ("postgresql+psycopg://db/risk", "postgresql+psycopg://db/risk"),
        ("sqlite:////srv/risk.db", "sqlite:////srv/risk.db"),
    ],
)
def test_a_database_is_named_by_one_address(url: str, becomes: str) -> None:
    assert load_settings(database_url=url).database_url == becomes


def test_a_relative_database_is_one_file_for_every_process(tmp_path: Path) -> None:
    assert load_settings(database_url="sqlite:///risk.db").database_url == f"sqlite:///{tmp_path}/risk.db"


def test_a_misspelt_variable_is_refused_with_the_one_that_was_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIENTRISK_API_PROT", "8001")
    (tmp_path / ".env").write_text("CLIENTRISK_LEASE_SECOND=5\n")
    told = refusal().splitlines()
    assert told[0].startswith("CLIENTRISK_API_PROT (in the environment) is not a setting of clientrisk. Did you mean")
    assert "CLIENTRISK_API_PORT" in told[0]
    assert told[1].startswith("CLIENTRISK_LEASE_SECOND (in .env) is not a setting")
    assert "CLIENTRISK_LEASE_SECONDS" in told[1]


def test_variables_of_the_tests_are_none_of_the_products_business(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIENTRISK_CI", "1")
    assert load_settings().api_port == 8000


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("API_PORT", "80000", "CLIENTRISK_API_PORT=80000 is wrong: input should be less than or equal to 65535."),
        ("TIME_ZONE", "Asia/Xuzhou", "CLIENTRISK_TIME_ZONE=Asia/Xuzhou is wrong: no such time zone"),
        ("LANGUAGE", "de", "CLIENTRISK_LANGUAGE=de is wrong: input should be 'zh_CN' or 'en'."),
        ("LOG_LEVEL", "loud", "CLIENTRISK_LOG_LEVEL=LOUD is wrong"),
        (
            "POLICY_FOLDER",
            "/no/such/place",
            "CLIENTRISK_POLICY_FOLDER=/no/such/place is wrong: there is no such folder.",
        ),
        ("CALENDAR", "China", "CLIENTRISK_CALENDAR=China is wrong"),
        ("WORKER_THREADS", "0", "CLIENTRISK_WORKER_THREADS=0 is wrong"),
        ("DATABASE_URL", "mysql://risk:hush@db", "CLIENTRISK_DATABASE_URL is wrong: sqlite:///path"),
        ("SECRET_KEY", "hush", "CLIENTRISK_SECRET_KEY is wrong: a secret of at least 32 characters"),
        ("ENCRYPTION_KEYS", "hush", "CLIENTRISK_ENCRYPTION_KEYS is wrong: an encryption key is 32 bytes"),
        ("MAIL_URL", "hush", "CLIENTRISK_MAIL_URL is wrong: an Apprise address is expected"),
    ],
)
def test_a_wrong_value_is_named_and_a_secret_is_not_repeated(
    name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"CLIENTRISK_{name}", value)
    assert refusal().startswith(told)
    assert "hush" not in refusal()


def test_all_wrong_values_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIENTRISK_API_PORT", "none")
    monkeypatch.setenv("CLIENTRISK_LINK_DAYS", "0")
    assert len(refusal().splitlines()) == 2


def test_secrets_do_not_show_in_logs() -> None:
    settings = load_settings(secret_key="x" * 40, mail_url="mailtos://risk:hush@mail.example.cn")
    assert "hush" not in repr(settings)
    assert "x" * 40 not in repr(settings)


def test_keys_are_made_once_and_only_their_owner_can_read_them(tmp_path: Path) -> None:
    settings = load_settings()
    settings.ensure_home()
    assert settings.signing_key() == load_settings().signing_key()
    assert settings.fernet_keys() == load_settings().fernet_keys()
    assert len(settings.signing_key()) >= 32
    token = Fernet(settings.fernet_keys()[0]).encrypt(b"320300199001010011")
    assert Fernet(load_settings().fernet_keys()[0]).decrypt(token) == b"320300199001010011"
    for name in ("secret.key", "encryption.key"):
        assert stat.S_IMODE((tmp_path / "var" / name).stat().st_mode) == 0o600


def test_a_new_encryption_key_goes_first_and_old_data_stays_readable(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    old = load_settings().fernet_keys()[0]
    stored = Fernet(old).encrypt(b"account 6222 0212")
    new = base64.urlsafe_b64encode(b"N" * 32).decode()
    (tmp_path / "var" / "encryption.key").write_text(f"{new}\n{old}\n")
    ring = MultiFernet([Fernet(key) for key in load_settings().fernet_keys()])
    assert ring.decrypt(stored) == b"account 6222 0212"
    assert Fernet(new).decrypt(ring.rotate(stored)) == b"account 6222 0212"
    assert load_settings(encryption_keys=f"{new},{old}").fernet_keys() == [new, old]


def test_processes_that_start_together_agree_on_the_keys(tmp_path: Path) -> None:
    program = "from config.settings import load_settings as s; x = s(); print(x.signing_key(), *x.fernet_keys())"
    environment = {**os.environ, "PYTHONPATH": str(ROOMS)}
    starters = [
        subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, cwd=tmp_path)
        for _ in range(4)
    ]
    told = {starter.communicate()[0] for starter in starters}
    assert len(told) == 1
    assert len(told.pop().split()) == 2


def test_a_damaged_encryption_key_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "encryption.key").write_text("half a k")
    with pytest.raises(SettingsError, match="Restore this file from a backup"):
        load_settings().fernet_keys()
    assert (tmp_path / "var" / "encryption.key").read_text() == "half a k"


def test_a_folder_that_cannot_be_written_to_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SettingsError) as refused:
        load_settings(home=tmp_path / "file" / "var").ensure_home()
    assert str(refused.value).startswith(f"The folder {tmp_path}/file/var cannot be written to")
    assert "--home or CLIENTRISK_HOME" in str(refused.value)


def test_a_read_only_folder_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir(mode=0o500)
    settings, user = load_settings(), os.geteuid()
    nobody = 65534
    os.seteuid(nobody if user == 0 else user)  # root may write anywhere
    try:
        with pytest.raises(SettingsError, match=r"var cannot be written to \(Permission denied\)\. Give this user"):
            settings.ensure_home()
    finally:
        os.seteuid(user)


def test_a_home_serves_one_product_at_a_time() -> None:
    settings = load_settings()
    settings.ensure_home()
    lock = hold_home(settings)
    with pytest.raises(Problem, match=rf"already runs from .*var \(process {os.getpid()}\)"):
        hold_home(settings)
    os.close(lock)
    os.close(hold_home(settings))


def test_a_child_process_gets_exactly_these_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(
        home=tmp_path / "risk", language="en", console_channel=False, encryption_keys=Fernet.generate_key().decode()
    )
    monkeypatch.setenv("CLIENTRISK_LANGUAGE", "zh_CN")
    environment = child_environment(settings)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


def test_free_ports_take_every_address_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIENTRISK_BASE_URL", "https://risk.example.cn")
    settings = on_free_ports(load_settings(link_days=5))
    assert settings.link_days == 5
    assert settings.base_url == f"http://127.0.0.1:{settings.api_port}"
    assert settings.prefect_api_url == f"http://127.0.0.1:{settings.prefect_port}/api"
    assert settings.api_port != 8000


def test_our_prefect_is_apart_from_the_one_a_person_already_uses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "https://prefect.elsewhere.example/api")
    monkeypatch.setenv("PREFECT_API_KEY", "theirs")
    monkeypatch.setenv("PREFECT_PROFILE", "work")
    monkeypatch.setenv("PREFECT_LOGGING_LEVEL", "DEBUG")
    own = dict(os.environ)  # a copy: what is adopted here is not to reach the tests that follow
    adopt_environment(load_settings(), own)
    assert own["PREFECT_API_URL"] == "http://127.0.0.1:4200/api"
    assert own["PREFECT_HOME"] == str(tmp_path / "var" / "prefect")
    assert "PREFECT_API_KEY" not in own
    assert "PREFECT_PROFILE" not in own
    assert own["PREFECT_LOGGING_LEVEL"] == "DEBUG"  # theirs to choose


def test_the_prefect_server_reports_nothing_home_and_expires_nothing() -> None:
    environment = server_environment(load_settings(), {})
    assert environment["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert environment["DO_NOT_TRACK"] == "1"
    assert environment["PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED"] == "false"
    assert environment["PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS"] == "http://127.0.0.1:4200,http://localhost:4200"


def test_the_prefect_server_is_not_opened_to_the_network_without_a_password() -> None:
    open_to_all = load_settings(prefect_host="0.0.0.0")
    with pytest.raises(SettingsError, match=r"PREFECT_SERVER_API_AUTH_STRING"):
        server_environment(open_to_all, {})
    assert server_environment(open_to_all, {"PREFECT_SERVER_API_AUTH_STRING": "ops:long-password"})
    assert server_arguments(open_to_all)[-3:] == ["0.0.0.0", "--port", "4200"]


def test_a_prefect_server_run_elsewhere_is_used_and_none_is_started() -> None:
    settings = load_settings(prefect_api_url="http://prefect.internal:4200/api")
    assert [child.name for child in product_children(settings)] == ["prepare", "api", "worker"]
    assert child_environment(settings)["PREFECT_API_URL"] == "http://prefect.internal:4200/api"


def test_settings_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    get_settings.cache_clear()
    try:
        first = get_settings()
        monkeypatch.setenv("CLIENTRISK_API_PORT", "9000")
        assert get_settings() is first
    finally:
        get_settings.cache_clear()


def test_several_processes_of_a_kind_are_counted_and_each_api_has_a_port_of_its_own() -> None:
    children = product_children(load_settings(), size=Size(workers=2, apis=2))
    assert [child.name for child in children] == ["prefect", "prepare", "api", "api-2", "worker", "worker-2"]
    apis = [child for child in children if child.name.startswith("api")]
    assert [child.health for child in apis] == ["http://127.0.0.1:8001/healthz", "http://127.0.0.1:8002/healthz"]
    assert [(child.environment or {}).get("CLIENTRISK_API_OWN_PORT") for child in apis] == ["8001", "8002"]


def test_a_single_api_has_no_second_port() -> None:
    (api,) = [child for child in product_children(load_settings()) if child.name == "api"]
    assert api.health == "http://127.0.0.1:8000/healthz"
    assert "CLIENTRISK_API_OWN_PORT" not in (api.environment or {})


def test_only_the_first_worker_registers_the_flows() -> None:
    workers = [c for c in product_children(load_settings(), size=Size(workers=3)) if c.name.startswith("worker")]
    assert ["--register" in child.argv for child in workers] == [True, False, False]


def test_ports_that_follow_each_other_are_found_for_several_api_processes() -> None:
    settings = on_free_ports(load_settings(), own_ports=2)
    assert all(is_free("127.0.0.1", settings.api_port + n) for n in range(3))


def test_prefect_is_put_on_postgresql_with_as_many_connections_as_it_needs() -> None:
    settings = load_settings(prefect_database_url="postgresql://prefect:secret@db/prefect")
    environment = server_environment(settings, {})
    assert environment["PREFECT_SERVER_DATABASE_CONNECTION_URL"] == "postgresql+asyncpg://prefect:secret@db/prefect"
    assert environment["PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_SIZE"] == "20"


@pytest.mark.parametrize("url", ["mysql://db/prefect", "postgresql:db", "prefect.db"])
def test_prefects_database_is_postgresql_or_its_own_file(url: str) -> None:
    with pytest.raises(SettingsError, match=r"CLIENTRISK_PREFECT_DATABASE_URL is wrong: postgresql://user") as refused:
        load_settings(prefect_database_url=url)
    assert url not in str(refused.value)


def test_several_prefect_servers_tell_each_other_through_redis() -> None:
    settings = load_settings(
        prefect_database_url="postgresql://prefect@db/prefect", prefect_redis_url="redis://redis:6379/0"
    )
    environment = server_environment(settings, {})
    assert environment["PREFECT_MESSAGING_BROKER"] == "prefect_redis.messaging"
    assert environment["PREFECT_REDIS_MESSAGING_URL"] == "redis://redis:6379/0"
    assert environment["PREFECT_SERVER_DOCKET_URL"] == "redis://redis:6379/0"


def test_several_prefect_servers_with_a_file_each_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"set CLIENTRISK_PREFECT_DATABASE_URL too"):
        server_environment(load_settings(prefect_redis_url="redis://redis:6379/0"), {})
