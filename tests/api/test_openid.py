"""Signing in with the company account, at a real OpenID provider: a process of its own on this machine."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
from sqlmodel import select

from cli.ports import free_port
from config.policy import Policy
from config.settings import Settings
from flows.direct_driver import DirectRunner
from models.house import House, open_house, system_clock
from models.operations.access import issue_sign_in_link
from models.tables import Person, SignInEntry, WebSession
from tests.api.conftest import Forms, Office
from tests.conftest import in_ci

LI_NA = "li.na@hengyuan.example"


class Provider:
    """The provider as somebody at their browser meets it."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def knows(self, subject: str, **claims: Any) -> None:
        answer = httpx.put(f"{self.issuer}/users/{quote(subject)}", json=claims)
        assert answer.status_code == 204, answer.text

    def authorise(self, address: str, subject: str) -> str:
        """Sign in there and come back: path and query of where the provider sends the browser."""
        answer = httpx.post(address, data={"sub": subject})
        assert answer.status_code in (302, 303), answer.text
        parts = urlsplit(answer.headers["location"])
        return f"{parts.path}?{parts.query}"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    pytest.importorskip("oidc_provider_mock") if not in_ci() else __import__("oidc_provider_mock")
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    issuer = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                if httpx.get(f"{issuer}/.well-known/openid-configuration").status_code == 200:
                    break
            except httpx.TransportError:
                assert process.poll() is None, "the provider does not start"
                time.sleep(0.05)  # a process of its own has to come up; nothing tells when
        found = httpx.get(f"{issuer}/.well-known/openid-configuration").json()
        yield Provider(found["issuer"])
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def house(tmp_path: Path, empty_database: Path, policy: Policy, provider: Provider) -> Iterator[House]:
    """On the real clock: the provider's tokens are dated by it."""
    for file in empty_database.iterdir():
        if file.is_file():
            shutil.copy2(file, tmp_path / file.name)
    house = open_house(_settings(tmp_path, openid_issuer=provider.issuer), policy, system_clock)
    yield house
    house.engine.dispose()


def _settings(home: Path, **differing: Any) -> Settings:
    given = {"openid_client_id": "clientrisk", "openid_client_secret": "s3cret-of-the-client", **differing}
    return Settings(home=home, _env_file=None, **given)  # type: ignore[arg-type]


@pytest.fixture
def office(house: House, clock: Any) -> Office:
    return Office(house, DirectRunner(house, clock), clock)


def goes_there(browser: Any, next_path: str = "/cases") -> str:
    answer = browser.get("/openid/start", params={"next": next_path})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def signed_in_as(browser: Any) -> str | None:
    answer = browser.get("/api/v1/session")
    return answer.json()["person"] if answer.status_code == 200 else None


def reasons(office: Office) -> list[str]:
    with office.house.read() as session:
        return [one.reason for one in session.exec(select(SignInEntry).where(SignInEntry.event == "refused"))]


def test_whoever_is_on_the_register_with_a_verified_address_is_signed_in(office: Office, provider: Provider) -> None:
    provider.knows("u-117", email=LI_NA, email_verified=True)
    there = goes_there(office.browser, "/customers")
    asked = parse_qs(urlsplit(there).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    back = office.browser.get(provider.authorise(there, "u-117"))
    assert (back.status_code, back.headers.get("location")) == (303, "/customers"), back.text
    assert signed_in_as(office.browser) == "li.na"
    with office.house.read() as session:
        kept = session.exec(select(WebSession)).one()
        (entry,) = session.exec(select(SignInEntry)).all()
    assert (kept.way, bool(kept.id_token)) == ("openid", True)
    assert (entry.event, entry.way, entry.person_id) == ("done", "openid", "li.na")


def test_the_button_is_on_the_page_only_where_a_provider_is_set(office: Office, house: House, tmp_path: Path) -> None:
    assert "/openid/start" in office.browser.get("/sign-in").text
    house.settings = _settings(tmp_path, openid_issuer="")
    assert "/openid/start" not in office.new_browser().get("/sign-in").text
    assert office.browser.get("/openid/start").status_code == 404


def test_nobody_is_put_on_the_register_by_signing_in(office: Office, provider: Provider) -> None:
    provider.knows("u-999", email="stranger@hengyuan.example", email_verified=True)
    answer = office.browser.get(provider.authorise(goes_there(office.browser), "u-999"))
    assert answer.status_code == 403
    assert signed_in_as(office.browser) is None
    with office.house.read() as session:
        assert session.exec(select(Person).where(Person.email == "stranger@hengyuan.example")).first() is None
    assert len(reasons(office)) == 1


@pytest.mark.parametrize("verified", [False, None, "true"])
def test_an_address_that_is_not_verified_is_nobodys(office: Office, provider: Provider, verified: Any) -> None:
    provider.knows("u-118", email=LI_NA, **({} if verified is None else {"email_verified": verified}))
    assert office.browser.get(provider.authorise(goes_there(office.browser), "u-118")).status_code == 403
    assert reasons(office) == ["the address is not verified"]


def test_who_has_left_is_not_let_in(office: Office, provider: Provider) -> None:
    provider.knows("u-117", email=LI_NA, email_verified=True)
    with office.house.work() as work:
        work.session.get_one(Person, "li.na").active = False
    assert office.browser.get(provider.authorise(goes_there(office.browser), "u-117")).status_code == 403


def test_another_claim_can_name_the_person(office: Office, house: House, provider: Provider, tmp_path: Path) -> None:
    house.settings = _settings(tmp_path, openid_issuer=provider.issuer, openid_claim="preferred_username")
    office = Office(house, office.runner, office.clock)
    provider.knows("u-120", preferred_username="chen.yu")
    back = office.browser.get(provider.authorise(goes_there(office.browser), "u-120"))
    assert back.status_code == 303, reasons(office)
    assert signed_in_as(office.browser) == "chen.yu"


def test_what_somebody_else_began_signs_nobody_in(office: Office, provider: Provider) -> None:
    """Login CSRF: a link back to us that belongs to the attacker's own trip."""
    provider.knows("u-666", email="sun.tao@hengyuan.example", email_verified=True)
    back = provider.authorise(goes_there(office.new_browser()), "u-666")
    assert office.browser.get(back).status_code == 403
    assert signed_in_as(office.browser) is None
    assert reasons(office) == ["no such trip"]


def test_a_way_back_is_good_once(office: Office, provider: Provider) -> None:
    provider.knows("u-117", email=LI_NA, email_verified=True)
    back = provider.authorise(goes_there(office.browser), "u-117")
    assert office.browser.get(back).status_code == 303
    assert office.browser.get(back).status_code == 403


def test_two_tabs_each_come_back_to_their_own_page(office: Office, provider: Provider) -> None:
    provider.knows("u-117", email=LI_NA, email_verified=True)
    first, second = goes_there(office.browser, "/cases"), goes_there(office.browser, "/absence")
    assert office.browser.get(provider.authorise(second, "u-117")).headers["location"] == "/absence"
    assert office.browser.get(provider.authorise(first, "u-117")).headers["location"] == "/cases"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"])
def test_afterwards_one_stays_on_this_site(office: Office, provider: Provider, elsewhere: str) -> None:
    provider.knows("u-117", email=LI_NA, email_verified=True)
    there = goes_there(office.browser, elsewhere)
    assert office.browser.get(provider.authorise(there, "u-117")).headers["location"] == "/"


def test_a_code_of_another_trip_does_not_fit(office: Office, provider: Provider) -> None:
    """A stolen code is of no use in another browser's trip: the provider wants its verifier, and we its nonce. (The
    provider of this test does not ask for the verifier; that one is sent is seen in the first test.)"""
    provider.knows("u-117", email=LI_NA, email_verified=True)
    stolen = parse_qs(urlsplit(provider.authorise(goes_there(office.new_browser()), "u-117")).query)["code"][0]
    mine = parse_qs(urlsplit(goes_there(office.browser)).query)["state"][0]
    answer = office.browser.get("/openid/callback", params={"code": stolen, "state": mine})
    assert answer.status_code == 403
    assert reasons(office)[0].startswith(("the code is not good", "the ID token does not hold"))


def test_saying_no_there_is_told_here(office: Office) -> None:
    state = parse_qs(urlsplit(goes_there(office.browser)).query)["state"][0]
    answer = office.browser.get("/openid/callback", params={"error": "access_denied", "state": state})
    assert answer.status_code == 403
    assert reasons(office) == ["the provider says access_denied"]


def _forged(token: str, **claims: Any) -> str:
    head, body, signature = token.split(".")
    given = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    changed = base64.urlsafe_b64encode(json.dumps({**given, **claims}).encode()).decode().rstrip("=")
    return f"{head}.{changed}.{signature}"


def _unsigned(token: str) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    return f"{head}.{token.split('.')[1]}."


@pytest.mark.parametrize(
    "twist", [lambda token: _forged(token, sub="u-1"), _unsigned, lambda _: "no.token.atall", lambda _: ""]
)
def test_an_id_token_that_the_provider_did_not_sign_is_worth_nothing(
    office: Office, provider: Provider, monkeypatch: pytest.MonkeyPatch, twist: Any
) -> None:
    provider.knows("u-117", email=LI_NA, email_verified=True)
    openid = office.app.state.openid
    real = openid._exchange
    monkeypatch.setattr(
        openid, "_exchange", lambda *given: {**(told := real(*given)), "id_token": twist(told["id_token"])}
    )
    assert office.browser.get(provider.authorise(goes_there(office.browser), "u-117")).status_code == 403
    assert reasons(office)[0].startswith("the ID token does not hold")


@pytest.mark.parametrize(
    ("setting", "value", "why"),
    [("openid_client_id", "somebody-else", "invalid_claim"), ("nonce", None, "invalid_claim")],
)
def test_a_token_for_another_client_or_trip_is_worth_nothing(
    office: Office, provider: Provider, monkeypatch: pytest.MonkeyPatch, setting: str, value: Any, why: str
) -> None:
    provider.knows("u-117", email=LI_NA, email_verified=True)
    back = provider.authorise(goes_there(office.browser), "u-117")
    openid = office.app.state.openid
    if setting == "nonce":
        real = openid._derived
        monkeypatch.setattr(openid, "_derived", lambda what, trip: "another" if what == "nonce" else real(what, trip))
    else:
        exchange = openid._exchange
        told: dict[str, Any] = {}
        monkeypatch.setattr(
            openid, "_exchange", lambda *given: told.update(exchange(*given)) or _as(openid, told, value)
        )
    assert office.browser.get(back).status_code == 403
    assert why in reasons(office)[0]


def _as(openid: Any, told: dict[str, Any], client: str) -> dict[str, Any]:
    """From here on we are another client than the token was made for."""
    openid._settings = openid._settings.model_copy(update={"openid_client_id": client})
    return told


@pytest.mark.parametrize(("ahead", "status"), [(30, 303), (4000, 403)])
def test_clocks_may_differ_by_a_minute(office: Office, provider: Provider, ahead: int, status: int) -> None:
    from datetime import timedelta

    provider.knows("u-117", email=LI_NA, email_verified=True)
    there = goes_there(office.browser)
    back = provider.authorise(there, "u-117")
    openid = office.app.state.openid
    real = openid.trip_of
    openid.trip_of = lambda request: [trip := real(request), _shift(office.house, timedelta(seconds=ahead))] and trip
    assert office.browser.get(back).status_code == status, reasons(office)


def _shift(house: House, by: Any) -> bool:
    house.clock = lambda: system_clock() + by
    return True


def test_the_session_before_is_over(office: Office, provider: Provider) -> None:
    """Fixation: whatever session the browser brought along is worth nothing afterwards."""
    office.sign_in("sun.tao", office.browser)
    planted = dict(office.browser.cookies)
    provider.knows("u-117", email=LI_NA, email_verified=True)
    assert office.browser.get(provider.authorise(goes_there(office.browser), "u-117")).status_code == 303
    assert signed_in_as(office.browser) == "li.na"
    other = office.new_browser()
    other.cookies.update(planted)
    assert signed_in_as(other) is None


def test_signing_out_goes_on_at_the_provider(office: Office, provider: Provider) -> None:
    provider.knows("u-117", email=LI_NA, email_verified=True)
    office.browser.get(provider.authorise(goes_there(office.browser), "u-117"))
    page = office.browser.get("/me")
    assert f"form-action 'self' {provider.issuer}" in page.headers["content-security-policy"]
    answer = office.browser.post("/sign-out", data=Forms(page.text).all["/sign-out"])
    gone = urlsplit(answer.headers["location"])
    assert f"{gone.scheme}://{gone.netloc}" == provider.issuer
    assert parse_qs(gone.query)["post_logout_redirect_uri"] == [office.house.settings.base_url + "/sign-in"]
    assert signed_in_as(office.browser) is None


def test_a_provider_that_is_away_is_said_so_and_links_go_on(house: House, clock: Any, tmp_path: Path) -> None:
    house.settings = _settings(tmp_path, openid_issuer=f"http://127.0.0.1:{free_port()}")
    office = Office(house, DirectRunner(house, clock), clock)
    answer = office.browser.get("/openid/start", headers={"accept-language": "en"})
    assert answer.status_code == 503
    assert "does not answer just now" in answer.text
    with house.work() as work:
        path = f"/sign-in/{issue_sign_in_link(work, 'li.na')}"
    form = Forms(office.browser.get(path).text).all[path]
    assert office.browser.post(path, data=form).status_code == 303


def test_the_api_starts_without_loading_what_only_openid_needs() -> None:
    code = "import sys, api.app; sys.exit('authlib' in sys.modules or 'joserfc' in sys.modules)"
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=False).returncode == 0


def test_an_issuer_over_the_network_is_asked_by_https_only(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="https"):
        _settings(tmp_path, openid_issuer="http://login.hengyuan.example")


def test_the_client_secret_is_never_repeated(tmp_path: Path) -> None:
    assert "s3cret" not in repr(_settings(tmp_path))
