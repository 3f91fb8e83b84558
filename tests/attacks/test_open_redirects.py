"""No address of ours sends anybody elsewhere, whatever it is asked."""

from __future__ import annotations

from urllib.parse import quote, urljoin, urlsplit

import pytest

from api.session import local_path
from models.operations.access import issue_sign_in_link
from tests.api.conftest import Forms
from tests.attacks.places import SHOWING, furnish

ELSEWHERE = (
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "////evil.example/%2f..",
    "\\\\evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/%09/evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/．／evil.example",
    "http:/evil.example",
    "evil.example",
    "/x\r\nset-cookie: a=b",
    "",
    "/" + "a" * 5000,
)


@pytest.mark.parametrize("to", ELSEWHERE)
def test_a_path_is_only_followed_within_this_site(to):
    assert stays(local_path(to))


def test_no_sign_in_leads_elsewhere(office):
    for to in ELSEWHERE:
        page = office.browser.get("/sign-in", params={"next": to})
        form = Forms(page.text).all["/sign-in"]
        assert stays(form["next"]), to
        with office.house.work() as work:
            path = f"/sign-in/{issue_sign_in_link(work, 'li.na')}?next={quote(to, safe='')}"
        ((action, form),) = ((a, f) for a, f in Forms(office.browser.get(path).text).all.items() if "/sign-in/" in a)
        assert stays(action), to
        entered = office.browser.post(path, data=form)
        assert entered.status_code == 303, to
        assert stays(entered.headers["location"]), to
        assert "a=b" not in str(entered.headers)
        office.browser.cookies.clear()


def test_no_address_sends_anybody_elsewhere_whatever_it_is_asked(office):
    """Every address, with every name that a redirect goes by, and a host of the attacker's choice."""
    furnished = furnish(office)
    browser = office.sign_in("xu.ming")
    names = ("next", "url", "to", "back", "return", "redirect", "redirect_uri", "done", "continue", "location")
    for door in SHOWING:
        if door.for_programs:
            continue
        for headers in (
            {},
            {"host": "evil.example"},
            {"x-forwarded-host": "evil.example", "referer": "//evil.example"},
        ):
            answer = browser.get(furnished.path(door), params=dict.fromkeys(names, "//evil.example"), headers=headers)
            assert stays(answer.headers.get("location", "/")), str(door)
            assert "http://evil.example" not in answer.text, str(door)
            assert "https://evil.example" not in answer.text, str(door)


@pytest.mark.parametrize("path", ["//evil.example/", "//evil.example/%2e%2e", "/\\evil.example", "///evil.example/x"])
def test_an_address_that_looks_like_anothers_leads_to_none(office, path):
    answer = office.browser.get(f"http://localhost{path}")
    assert stays(answer.headers.get("location", "/"))


def stays(location: str) -> bool:
    here = "http://127.0.0.1:8000/"
    return urlsplit(urljoin(here, location)).netloc == urlsplit(here).netloc and not location.startswith(("//", "\\"))
