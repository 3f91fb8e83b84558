"""Who looks at the book of sign-ins knows their telephone again."""

import pytest

from models.rules.browsers import browser_named

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
ANDROID = (
    "Mozilla/5.0 (Linux; Android 15; M2102) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Mobile Safari/537.36"
)


@pytest.mark.parametrize(
    ("agent", "named"),
    [
        (CHROME, "Chrome · Linux"),
        (ANDROID, "Chrome · Android"),
        (f"{ANDROID} MicroMessenger/8.0.50", "WeChat · Android"),
        (f"{CHROME.replace('X11; Linux x86_64', 'Windows NT 10.0')} Edg/150.0", "Edge · Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1",
            "Safari · iPhone",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15.1) Version/19.0 Safari/605.1.15", "Safari · macOS"),
        ("python-httpx/0.28.1", "python-httpx/0.28.1"),
        ("", ""),
    ],
)
def test_a_browser_is_told_as_people_call_it(agent: str, named: str) -> None:
    assert browser_named(agent) == named


def test_whatever_else_calls_itself_something_is_cut() -> None:
    assert browser_named("x" * 5000) == "x" * 80
