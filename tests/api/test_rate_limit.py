"""How many requests one caller may make, and that nobody can use up another's."""

import pytest

from api.app import create_app
from api.rate_limit import GUESSES_PER_MINUTE, MOST_CALLERS, Buckets, RateLimit, Rule
from config.settings import Settings

from .conftest import Office, TestClient


class Watch:
    """A clock of seconds."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def watch():
    return Watch()


RULE = Rule("default", per_minute=60, burst=3)


def limited(watch, **settings):
    given = {"rate_limit_per_minute": 60, "rate_limit_burst": 3, "rate_limit_anonymous_per_minute": 6, **settings}
    return RateLimit(Settings(_env_file=None, **given), watch)


def test_a_burst_passes_and_the_next_waits(watch):
    buckets = Buckets(watch)
    assert [buckets.take("a", RULE).allowed for _ in range(4)] == [True, True, True, False]


def test_it_says_how_long_to_wait(watch):
    buckets = Buckets(watch)
    for _ in range(3):
        buckets.take("a", RULE)
    assert buckets.take("a", RULE).wait == pytest.approx(1.0)
    watch.now += 1
    assert buckets.take("a", RULE).allowed


def test_a_rest_fills_it_up_and_no_further(watch):
    buckets = Buckets(watch)
    for _ in range(3):
        buckets.take("a", RULE)
    watch.now += 3600
    assert [buckets.take("a", RULE).allowed for _ in range(4)] == [True, True, True, False]


def test_callers_do_not_share(watch):
    buckets = Buckets(watch)
    for _ in range(3):
        buckets.take("a", RULE)
    assert buckets.take("b", RULE).allowed


def test_it_does_not_grow_for_ever(watch):
    buckets = Buckets(watch)
    for number in range(MOST_CALLERS + 10):
        buckets.take(str(number), RULE)
    assert len(buckets._levels) == MOST_CALLERS


def test_who_names_nobody_is_counted_by_address(watch):
    rates = limited(watch)
    for _ in range(3):
        assert rates.of_caller(None, None, "10.0.0.1", signs_in=False).allowed
    assert not rates.of_caller(None, None, "10.0.0.1", signs_in=False).allowed
    assert rates.of_caller(None, None, "10.0.0.2", signs_in=False).allowed
    assert rates.of_caller("session", None, "10.0.0.1", signs_in=False).allowed


def test_asking_for_links_is_stricter(watch):
    rates = limited(watch, rate_limit_sign_in_per_minute=2)
    asked = [rates.of_caller(None, None, "10.0.0.1", signs_in=True).allowed for _ in range(3)]
    assert asked == [True, True, False]


def test_whoever_guesses_tokens_is_stopped_and_whoever_has_one_goes_on(watch):
    rates = limited(watch, rate_limit_burst=1000)
    rates.of_caller(None, "good", "10.0.0.1", signs_in=False)
    rates.proved("good", "10.0.0.1", good=True)
    for number in range(GUESSES_PER_MINUTE):
        assert rates.of_caller(None, f"guess-{number}", "10.0.0.1", signs_in=False).allowed
        rates.proved(f"guess-{number}", "10.0.0.1", good=False)
    assert not rates.of_caller(None, "guess-more", "10.0.0.1", signs_in=False).allowed
    assert rates.of_caller(None, "good", "10.0.0.1", signs_in=False).allowed


def test_it_can_be_switched_off(watch):
    rates = limited(watch, rate_limit_per_minute=0)
    assert all(rates.of_caller(None, None, "10.0.0.1", signs_in=True) is None for _ in range(100))


# -- on the web ------------------------------------------------------------------------------------------------------


@pytest.fixture
def settings(settings):
    strict = {"rate_limit_per_minute": 6, "rate_limit_burst": 3, "rate_limit_anonymous_per_minute": 6}
    return settings.model_copy(update=strict)


def test_a_program_is_told_what_is_left_and_when_to_come_back(office: Office):
    headers = office.token("li.na")
    answers = [office.browser.get("/api/v1/cases", headers=headers) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["ratelimit"] for answer in answers[:2]] == ['"default";r=2;t=10', '"default";r=1;t=20']
    assert answers[0].headers["ratelimit-policy"] == '"default";q=3;w=30'
    refused = answers[3]
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "too-many-requests"
    assert 1 <= int(refused.headers["retry-after"]) <= 10


def test_a_person_reads_it_on_a_page(office: Office):
    browser = office.new_browser()
    pages = [browser.get("/sign-in") for _ in range(4)]
    assert pages[3].status_code == 429
    assert pages[3].headers["content-type"].startswith("text/html")
    assert "请求过于频繁" in pages[3].text
    assert "ratelimit" not in pages[0].headers


def test_another_persons_requests_are_their_own(office: Office):
    for _ in range(4):
        office.browser.get("/api/v1/cases", headers=office_token(office, "li.na"))
    assert office.browser.get("/api/v1/cases", headers=office.token("sun.tao")).status_code == 200


def office_token(office: Office, who: str, known: dict = {}) -> dict[str, str]:  # noqa: B006
    return known.setdefault((id(office), who), office.token(who))


def test_static_files_and_health_are_never_limited(office: Office):
    from api.static import STATIC

    for path in (STATIC["style.css"], "/healthz"):
        assert {office.browser.get(path).status_code for _ in range(20)} == {200}


def test_a_forged_session_is_no_way_around(house):
    """Cookies that we did not sign count by address, whatever they say."""
    browser = TestClient(create_app(house), base_url=house.settings.base_url, follow_redirects=False)
    statuses = [
        browser.get("/sign-in", headers={"cookie": f"clientrisk_session=forged-{number}"}).status_code
        for number in range(5)
    ]
    assert statuses == [200, 200, 200, 429, 429]
