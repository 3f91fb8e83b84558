"""Looking at pages as people do: pictures of them, and what axe finds wrong with them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
PICTURES = Path(os.environ.get("CLIENTRISK_PICTURES", "build/pictures"))
"""Where pictures are kept as results of the tests."""
SERIOUS = {"serious", "critical"}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def picture(page: Any, name: str, *, whole: bool = True) -> Path:
    """Keep a picture of the page as it stands."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / f"{name}.png"
    page.screenshot(path=str(path), full_page=whole)
    return path


def faults(page: Any) -> list[str]:
    """What axe finds serious on the page, by the rules of WCAG 2.2 AA: the rule and where."""
    page.evaluate(_AXE)
    found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", RULES)
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary'].splitlines()[1:2]}"
        for violation in found["violations"]
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]


def sideways(page: Any) -> int:
    """By how many pixels the page is wider than what it is looked at with."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def covered(page: Any) -> list[str]:
    """What lies over something else: the two sides of a row, the buttons of the bar at the bottom of a phone."""
    return list(
        page.evaluate("""() => {
  const seen = one => one && one.offsetParent !== null || one && getComputedStyle(one).position === 'fixed';
  const over = (a, b) => {
    const [one, other] = [a.getBoundingClientRect(), b.getBoundingClientRect()];
    return one.left < other.right - 1 && other.left < one.right - 1
      && one.top < other.bottom - 1 && other.top < one.bottom - 1;
  };
  const pairs = [];
  for (const row of document.querySelectorAll('.rows li > a')) {
    for (const part of row.querySelectorAll('.row-side > *'))
      pairs.push([row.querySelector('.row-main'), part]);
  }
  const bar = [...document.querySelectorAll('.dock > *, .sheet:not([open]) > summary')].filter(
    one => getComputedStyle(document.querySelector('.dock') || one).display !== 'none');
  bar.forEach((one, i) => bar.slice(i + 1).forEach(other => pairs.push([one, other])));
  return pairs.filter(([a, b]) => seen(a) && seen(b) && over(a, b)).map(([a, b]) => `${a.innerText} / ${b.innerText}`);
}""")
    )


@contextmanager
def browsing(
    chromium: Any, size: dict[str, int], language: str = "zh_CN", *, scripts: bool = True, dark: bool = False
) -> Iterator[Any]:
    """A new browser window."""
    context = chromium.new_context(
        viewport=size,
        locale="zh-CN" if language == "zh_CN" else "en-GB",
        java_script_enabled=scripts,
        has_touch=size is PHONE,
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(30_000)
    try:
        yield context.new_page()
    finally:
        context.close()
