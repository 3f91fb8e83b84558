"""The chart of a customer's assessments: score over time, with the grades' bands behind it. SVG, as in ``charts``.

A table with the same figures stands beside it; the chart itself is read out as one sentence with its title.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup, escape

WIDTH, HEIGHT = 380, 210
LEFT, RIGHT, TOP, BOTTOM, INSET = 28, 26, 14, 28, 16
MOST = 24
"""Assessments that are drawn: the latest. More would run into each other on a phone."""
APART = 78
"""Points at least so far apart are dated and numbered: the last, the first, and what fits between."""


@dataclass(frozen=True)
class Point:
    """One assessment: ``score`` 0–100; ``shown`` is how it is read out."""

    score: int
    on: date
    grade: str
    shown: str


@dataclass(frozen=True)
class Band:
    """A grade of the credit table: from which score to which."""

    name: str
    lowest: int
    highest: int


def score_line(title: str, points: Sequence[Point], bands: Sequence[Band]) -> Markup:
    """Scores over time as a line; ``points`` are in the order of their days, and may be one."""
    drawn = [_band(band, place % 2 == 0) for place, band in enumerate(bands)]
    shown = points[-MOST:]
    places = [(x, _y(point.score)) for x, point in zip(_across(shown), shown, strict=True)]
    if len(places) > 1:
        drawn.append(Markup('<polyline class="s-line" points="{}"/>').format(" ".join(f"{x},{y}" for x, y in places)))
    dated = _dated([x for x, _ in places])
    for number, (point, (x, y)) in enumerate(zip(shown, places, strict=True)):
        drawn.append(
            Markup('<g><title>{}</title><circle class="s-dot s-{}" cx="{}" cy="{}" r="5"/>').format(
                point.shown, point.grade.lower(), x, y
            )
        )
        if number in dated:
            above = y - 10 if y > TOP + 22 else y + 22
            drawn.append(Markup('<text class="s-score" x="{}" y="{}">{}</text>').format(x, above, point.score))
            anchor = _anchor(number, len(shown))
            drawn.append(
                Markup('<text class="s-day {}" x="{}" y="{}">{}</text>').format(
                    anchor, x, HEIGHT - 8, f"{point.on:%Y-%m}"
                )
            )
        drawn.append(Markup("</g>"))
    head = Markup('<svg class="chart score-line" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
        WIDTH, HEIGHT, escape(title)
    )
    return head + Markup("").join(drawn) + Markup("</svg>")


def _band(band: Band, shaded: bool) -> Markup:
    top, bottom = _y(min(100, band.highest + 1) if band.highest < 100 else 100), _y(band.lowest)
    return Markup(
        '<rect class="s-band{}" x="{}" y="{}" width="{}" height="{}"/><text class="s-grade" x="{}" y="{}">{}</text>'
        '<text class="s-edge" x="{}" y="{}">{}</text>'
    ).format(
        " shaded" if shaded else "",
        LEFT,
        top,
        WIDTH - LEFT - RIGHT,
        bottom - top,
        WIDTH - RIGHT + 10,
        (top + bottom) / 2 + 5,
        band.name,
        LEFT - 6,
        bottom + 4,
        band.lowest,
    )


def _across(points: Sequence[Point]) -> list[float]:
    """Where each day lies between the first and the last; one day alone lies in the middle."""
    first, last = points[0].on.toordinal(), points[-1].on.toordinal()
    begin, room = LEFT + INSET, WIDTH - LEFT - RIGHT - 2 * INSET
    if first == last:
        return [round(begin + room / 2, 1)] * len(points)
    return [round(begin + room * (point.on.toordinal() - first) / (last - first), 1) for point in points]


def _y(score: int) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (100 - min(100, max(0, score))) / 100, 1)


def _dated(across: Sequence[float]) -> set[int]:
    chosen, last = {len(across) - 1}, across[-1]
    reached = -float(APART)
    for number, x in enumerate(across):
        if x - reached >= APART and last - x >= APART:
            chosen.add(number)
            reached = x
    return chosen


def _anchor(number: int, of: int) -> str:
    if of == 1:
        return "middle"
    return "start" if number == 0 else "end" if number == of - 1 else "middle"
