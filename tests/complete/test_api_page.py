"""``docs/api.md`` lists every page and every route of the JSON API, and names none that is not there."""

import re
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from pkgutil import iter_modules

import pytest

from api import health, pages, routes

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def declared(package) -> set[tuple[str, str]]:
    found = set()
    for entry in iter_modules(package.__path__):
        router = getattr(import_module(f"{package.__name__}.{entry.name}"), "router", None)
        for route in router.routes if router is not None else ():
            found |= {(method, plain(route.path)) for method in route.methods - {"HEAD"}}
    return found


def plain(path: str) -> str:
    """A path whatever its places are called."""
    return re.sub(r"\{[^}]*\}", "{}", path.partition("?")[0])


def listed(title: str) -> set[tuple[str, str]]:
    """Method and path of everything in the table under a heading. ``…/x`` goes on from the address before it; whether
    from its end or from its folder is for the reader to see, so both are tried."""
    table = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    found = set()
    for row in re.findall(r"^\| (.*?) \|", table, re.MULTILINE):
        method, last = "GET", ""
        for code in re.findall(r"`([^`]+)`", row):
            named, _, path = code.rpartition(" ")
            method = named or method
            path = plain(path)
            if path.startswith("…"):
                bases = [last, *(last.rsplit("/", number)[0] for number in (1, 2))]
                found |= {(method, base + path.removeprefix("…")) for base in bases}
            else:
                last = path
                found.add((method, path))
    return found


API = listed("JSON API")
SHOWN = {path for _, path in listed("Pages")}


@pytest.mark.parametrize("route", sorted(declared(routes)), ids=" ".join)
def test_every_route_of_the_api_is_on_the_page(route):
    assert route in API


def test_no_route_is_on_the_page_that_is_not_there():
    there = declared(routes)
    written = {pair for pair in API if f"`{pair[0]} {pair[1]}" in plain(PAGE)}
    assert written - there == set()


@pytest.mark.parametrize("path", sorted({path for method, path in declared(pages) if method == "GET"}))
def test_every_page_is_on_the_page(path):
    folders = ["/".join(path.split("/")[:number]) for number in range(2, len(path.split("/")) + 1)]
    like = re.compile(re.escape(path).replace(r"\{\}", "[^/]+"))
    assert any(folder in SHOWN for folder in folders) or any(like.fullmatch(shown) for shown in SHOWN), path


def test_health_is_on_the_page():
    for route in health.router.routes:
        assert f"`{route.path}`" in PAGE


def test_headings_are_in_order():
    prose = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
    levels = [len(hashes) for hashes in re.findall(r"^(#+) ", prose, re.MULTILINE)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
