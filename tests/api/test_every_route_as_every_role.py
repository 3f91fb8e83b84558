"""Every route is tried by everybody there is: each role, each way to stand to the thing, nobody, each scope of a token.

What must come of it is computed from the register of rights (``models.rights``) and the doors (``api.doors``) alone.
The house is furnished with one of everything. What a request has done is undone before the next.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from api.csrf import Csrf
from api.doors import API, CHOSEN, DOORS, PRIVACY_ACTS, REPAIR_ACTS, right_of
from api.doors.keys import Key, Open
from config.policy import Policy
from config.settings import Settings
from flows.direct_driver import DirectRunner, VirtualClock
from models.house import open_house
from models.operations.access import Scope, issue_api_token, issue_sign_in_link, sign_in
from models.processes import ASSESSMENT, EVALUATION, MEETING, ONBOARDING
from models.rights import RULES, Right, entitled
from models.starting import starts
from tests.api.conftest import Office
from tests.conftest import TUESDAY
from tests.furnished import PEOPLE, Somebody, Things, furnish, move_in

TYPED = {
    "reason": "Trading again under another name.",
    "text": "Who vouches for the warehouse?",
    "note": "Please.",
    "comment": "As discussed.",
    "field": "identifier",
    "action": "approve",
    "answer": "The owner does.",
    "drop": "1",
}
"""What is typed into every form: enough to come to the question whether one may."""
OWN = {"view_id", "token_id", "channel_id"}
"""Addresses of what is a person's own under a right that everybody has."""
REDIRECTS = {"/me/notifications/channels/{channel_id}"}
ALSO = {
    ("POST", f"{API}/customers/{{number}}/repair-link"): Right.SEE_CUSTOMER,
    ("POST", f"{API}/customers/{{number}}/relapse"): Right.SEE_CUSTOMER,
}
"""Routes about one customer: whoever does not see it does not learn that it is there."""
ASKED_FOR = {f"{API}/customers/{{number}}/may-share": "?purpose=insurance&recipient=X&what=identity"}
"""What an address has to say before anybody is let in or turned away."""
NO_SCOPE = {f"GET {API}/session", f"POST {API}/tokens", f"POST {API}/session/end-others"}
"""For a browser's session only, whatever a token may do."""


@dataclass
class Ground:
    """The furnished house with its application, and everybody's session and tokens."""

    office: Office
    things: Things
    sessions: dict[str, str]
    tokens: dict[tuple[str, Scope], str]
    examples: dict[str, Any]
    scopes: dict[str, str]
    client: Any
    before: sqlite3.Connection
    prefect: dict[str, Any]

    def restore(self) -> None:
        """Undo what was done since the house was furnished."""
        with closing(sqlite3.connect(self.office.house.settings.home / "clientrisk.db")) as live:
            self.before.backup(live)
        self.office.prefect.deployments = deepcopy(self.prefect)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory, empty_database: Path, policy: Policy) -> Iterator[Ground]:
    home = tmp_path_factory.mktemp("furnished")
    for file in empty_database.iterdir():
        if file.is_file():
            shutil.copy2(file, home / file.name)
    clock = VirtualClock(TUESDAY)
    settings = Settings(home=home, _env_file=None, rate_limit_per_minute=0, lockout_failures=1000)  # type: ignore[call-arg]
    house = open_house(settings, policy, clock)
    office = Office(house, DirectRunner(house, clock), clock)
    ref = office.at_approval()
    move_in(house)
    things = furnish(house, ref)
    sessions, tokens = {}, {}
    with house.work() as work:
        for one in PEOPLE:
            _person, token = sign_in(work, issue_sign_in_link(work, one.id))
            office.app.state.sessions.begin(answer := Response(), token)
            cookies = SimpleCookie(answer.headers["set-cookie"])
            sessions[one.id] = "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())
            for scope in Scope:
                tokens[one.id, scope] = issue_api_token(work, one.id, scope.value, [scope])
    with pytest.MonkeyPatch.context() as patch, office.browser as client:
        spec = client.get(f"{API}/openapi.json").json()
        patch.setattr(Csrf, "check", lambda *_: None)  # its own tests try it
        before = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(home / "clientrisk.db")) as live:
            live.backup(before)
        prefect = deepcopy(office.prefect.deployments)
        yield Ground(office, things, sessions, tokens, _examples(spec), _scopes(spec), client, before, prefect)
        before.close()
    house.engine.dispose()


def _examples(spec: dict[str, Any]) -> dict[str, Any]:
    """An example body of every operation that takes JSON."""
    found = {}
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            several = [one["value"] for one in body.get("examples", {}).values()]
            if body:
                found[f"{method.upper()} {path}"] = several[0] if several else body.get("example", {})
    return found


def _scopes(spec: dict[str, Any]) -> dict[str, str]:
    """The scope that each operation says a token needs."""
    return {
        f"{method.upper()} {path}": named[1]
        for path, methods in spec["paths"].items()
        for method, operation in methods.items()
        if (named := re.search(r"Token\s+scope:\s+`(\w+)`", operation.get("description", "")))
    }


def cases() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Every door; where the right depends on what is asked for, once for each that may be."""
    for (method, path), key in sorted(DOORS.items()):
        if key is not CHOSEN:
            yield method, path, {}
        elif "{process}" in path:
            yield from ((method, path, {"process": name}) for name in (*starts(), ONBOARDING.name))
        elif "{act}" in path:
            yield from ((method, path, {"act": act}) for act in PRIVACY_ACTS)
        else:
            yield from ((method, path, {"name": name}) for name in REPAIR_ACTS)


CASES = list(cases())


def address(ground: Ground, path: str, chosen: dict[str, str]) -> str:
    """The path with the things of the house in it."""
    ids = ground.things.ids
    kinds = {"changes": EVALUATION, "report": EVALUATION, "pack": MEETING, "assessment": ASSESSMENT}
    kind = next((kind.name for word, kind in kinds.items() if f"}}/{word}" in path), "")
    given = {
        **ids,
        "ref": ids["ref"][kind if "/cases/" in path else ""],
        "number": ids["message"] if "message" in path or "outbox" in path else ids["number"],
        "name": {"moves": "comment", "ledger": "invoices"}.get(
            path.split("/")[-2] if "moves" in path else path.split("/")[1], ONBOARDING.name
        ),
        "what": "customers" if "exports" in path else "resend",
        "kind": "csv",
        "act": "retry",
        "version": ground.office.house.policy.version,
        "part": "credit",
        "person_id": "told",
        "person": "told",
        "routine": "overdue-scan",
        "schedule_id": "11111111-1111-4111-8111-111111111111",
        "schedule": "11111111-1111-4111-8111-111111111111",
        "webhook_id": 1,
        "delivery_id": 1,
        "entry_id": 1,
        "channel": 1,
        "row_id": 1,
        "process": ONBOARDING.name,
        **chosen,
    }
    return re.sub(r"\{(\w+)\}", lambda found: str(given[found[1]]), path)


def ask(ground: Ground, method: str, path: str, chosen: dict[str, str], **headers: str) -> Any:
    named = f"{method} {path}"
    body: dict[str, Any] = {}
    if named in ground.examples:
        body = {"json": ground.examples[named]}
    elif method in ("POST", "PUT") and not path.startswith(API):
        body = {"data": TYPED}
    elif path.endswith("/attachments"):
        body = {"files": {"file": ("lease.pdf", b"%PDF-1.4 lease", "application/pdf")}}
    asked = address(ground, path, chosen) + ASKED_FOR.get(path, "")
    answer = ground.client.request(method, asked, headers=headers, **body)
    if method != "GET" and not refused(answer):
        ground.restore()
    return answer


def may(one: Somebody, right: Right, path: str) -> bool:
    """What the register says."""
    if not entitled(one, right, one.stands(right)):  # type: ignore[arg-type]
        return False
    own = OWN & set(re.findall(r"\{(\w+)\}", path))
    return not own or path in REDIRECTS or one.id == "starter"


def refused(answer: Any) -> bool:
    return answer.status_code in (401, 403, 404) or answer.headers.get("location", "").startswith("/sign-in")


@pytest.mark.parametrize(("method", "path", "chosen"), CASES, ids=[" ".join((m, p, *c.values())) for m, p, c in CASES])
def test_a_door_opens_to_those_whom_the_register_names_and_to_nobody_else(
    ground: Ground, method: str, path: str, chosen: dict[str, str]
) -> None:
    key: Key = DOORS[method, path]
    if isinstance(key, Open):
        pytest.skip("opened by a link, an address or nothing at all: tried below")
    right = right_of(key, chosen)
    assert right is not None
    also = ALSO.get((method, path))
    wrong = []
    only_by_role = not RULES[right].relations and RULES[right].needs is None and also is None
    own = OWN & set(re.findall(r"\{(\w+)\}", path))
    people = [one for one in PEOPLE if own or not only_by_role or one.id.startswith("role.")]
    strangers = ask(ground, method, path, chosen, cookie=ground.sessions["role.deputy_head"]).text
    for one in people:
        answer = ask(ground, method, path, chosen, cookie=ground.sessions[one.id])
        expected = may(one, right, path) and (also is None or may(one, also, path))
        assert answer.status_code < 500, f"{one.id}: {answer.text[:300]}"
        if expected:
            bad = answer.status_code in (401, 403) or (
                refused(answer) and not only_by_role and answer.text == strangers
            )
        else:
            bad = not refused(answer)
        if bad:
            wrong.append(f"{one.id} {'may' if expected else 'may not'}, but got {answer.status_code}")
    assert wrong == [], wrong


@pytest.mark.parametrize(("method", "path", "chosen"), CASES, ids=[" ".join((m, p, *c.values())) for m, p, c in CASES])
def test_nobody_gets_in_without_a_sign_in(ground: Ground, method: str, path: str, chosen: dict[str, str]) -> None:
    if isinstance(DOORS[method, path], Open):
        pytest.skip("needs no sign-in")
    for tried in (method, "HEAD") if method == "GET" and not path.startswith(API) else (method,):
        answer = ask(ground, tried, path, chosen)
        if path.startswith(API):
            assert answer.status_code == 401
        elif answer.status_code != 405:
            assert answer.headers["location"].startswith("/sign-in")


PROGRAMS = [(m, p, c) for m, p, c in CASES if p.startswith(API)]


@pytest.mark.parametrize(
    ("method", "path", "chosen"), PROGRAMS, ids=[" ".join((m, p, *c.values())) for m, p, c in PROGRAMS]
)
def test_a_token_opens_what_its_scope_names_and_a_false_one_nothing(
    ground: Ground, method: str, path: str, chosen: dict[str, str]
) -> None:
    named, right = f"{method} {path}", right_of(DOORS[method, path], chosen)
    assert right is not None
    also = ALSO.get((method, path))
    one = next(one for one in reversed(PEOPLE) if may(one, right, path) and (also is None or may(one, also, path)))
    assert ask(ground, method, path, chosen, authorization="Bearer crk_guessed").status_code == 401
    needed = ground.scopes.get(named)
    assert (needed is None) == (named in NO_SCOPE) or named in NO_SCOPE, f"{named} does not say which scope it takes"
    for scope in Scope:
        answer = ask(ground, method, path, chosen, authorization=f"Bearer {ground.tokens[one.id, scope]}")
        opened = answer.status_code not in (401, 403)
        assert opened == (scope.value == needed and named not in NO_SCOPE), (
            f"{one.id} with {scope}: {answer.status_code} {answer.text[:200]}"
        )


def test_every_right_opens_a_door_or_is_asked_for_by_name() -> None:
    opening = {right for key in DOORS.values() if isinstance(right := key, Right)}
    opening |= {start.right for start in starts().values()} | set(REPAIR_ACTS.values()) | set(PRIVACY_ACTS.values())
    assert set(Right) - opening == {Right.SEE_RUNS, Right.SHARE_VIEW}
