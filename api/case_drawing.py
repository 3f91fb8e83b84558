"""The drawing of a case's time: one bar for each step and each person who held it, on one scale.

Bars are SVG made here: no script, no styles, coloured by the style sheet, so both colour schemes work. A bar's pale
length is the time that passed, its solid parts the office hours of it. Words stand beside the bars as text, in every
size of screen; a table says the same without any drawing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup, escape

from config.words import Language
from models.queries.held import CaseTimes, RowKind, TimedRow
from models.queries.shown import MONTHS
from models.rules.calendar import BusinessCalendar
from models.rules.working_time import working_stretches

WIDTH, HEIGHT = 1000, 12
"""The units of one bar; the page stretches it to the room there is."""
SMALLEST = 4.0
GAPS = (6.0, 12.0, 25.0, 60.0)
"""Gaps in working time narrower than this are not drawn: the first at which the drawing has few enough parts."""
MOST_PARTS = 700
LONGEST_SPLIT = timedelta(days=750)
"""What lasts longer is drawn without office hours: they would be narrower than a line."""
ROWS, BARS = 20, 45
"""Rows and bars shown on the case's own page; all of them have a page of their own."""
BARS_A_PAGE = 140
BARS_A_ROW = 40
"""Of more people on one step the first are drawn."""
_TICKS = 4

Part = tuple[float, float]


@dataclass(frozen=True)
class Bar:
    """One bar: whose it is, the drawing, and what it says in words."""

    name: str
    svg: Markup
    minutes: int
    still: bool
    came_to: str | None
    for_name: str | None


@dataclass(frozen=True)
class Row:
    """A step, wait or standstill with its bars."""

    row: TimedRow
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Drawing:
    """All that is drawn: ``ticks`` are evenly spaced from the left to the right; ``more`` rows are left out.

    ``split`` says that office hours are told apart from other time.
    """

    ticks: tuple[str, ...]
    rows: tuple[Row, ...]
    more: int
    split: bool


def draw(
    times: CaseTimes,
    calendar: BusinessCalendar,
    language: Language,
    say: Callable[[datetime], str],
    rows: Sequence[TimedRow] | None = None,
) -> Drawing:
    """``times`` as a drawing: of its ``rows``, or of the last of all that there are. ``say`` tells an instant in the
    reader's words."""
    chosen = list(times.rows if rows is None else rows)
    shown = chosen if rows is not None else (pages_of(chosen, BARS, ROWS) or [[]])[0]
    since = min((row.since for row in shown), default=times.since) if len(shown) < len(times.rows) else times.since
    scale = _Scale(min(since, times.until), times.until, calendar)
    scale.choose_gap([(one.since, one.until) for row in shown for one in (row.stretches or (row,))])
    return Drawing(
        ticks=scale.ticks(language),
        rows=tuple(Row(row, _bars(row, scale, say)) for row in shown),
        more=len(chosen) - len(shown),
        split=scale.split,
    )


def pages_of(rows: Sequence[TimedRow], bars: int = BARS_A_PAGE, most: int = BARS_A_PAGE) -> list[list[TimedRow]]:
    """``rows`` in pages of at most ``most`` rows and about ``bars`` bars; the first page holds the latest."""
    pages: list[list[TimedRow]] = []
    room = 0
    for row in reversed(rows):
        needs = max(1, min(BARS_A_ROW, len(row.stretches)))
        if not pages or needs > room or len(pages[-1]) == most:
            pages.append([])
            room = max(bars, needs)
        pages[-1].insert(0, row)
        room -= needs
    return pages


def _bars(row: TimedRow, scale: _Scale, say: Callable[[datetime], str]) -> tuple[Bar, ...]:
    if row.kind is not RowKind.STEP:
        svg = scale.bar(row.since, row.until, row.kind.value, f"{say(row.since)} – {say(row.until)}", None)
        return (Bar("", svg, row.minutes, row.still, None, None),)
    return tuple(
        Bar(
            one.name,
            scale.bar(
                one.since,
                one.until,
                "still" if one.still else "done",
                f"{one.name}: {say(one.since)} – {say(one.until)}",
                row.due_at,
            ),
            one.minutes,
            one.still,
            one.came_to,
            one.for_name,
        )
        for one in row.stretches[:BARS_A_ROW]
    )


class _Scale:
    """From instants to places on the drawing."""

    def __init__(self, since: datetime, until: datetime, calendar: BusinessCalendar) -> None:
        self._since, self._span = since, max(until - since, timedelta(seconds=1))
        self._calendar = calendar
        self._office: list[Part] = []
        self.split = self._span <= LONGEST_SPLIT
        self._stretches = (
            [(self.at(begin), self.at(end)) for begin, end in working_stretches(calendar, since, until)]
            if self.split
            else []
        )

    def at(self, instant: datetime) -> float:
        return (instant - self._since) / self._span * WIDTH

    def choose_gap(self, bars: Sequence[tuple[datetime, datetime]]) -> None:
        """Draw office hours as finely as leaves the drawing small."""
        places = [(self.at(since), self.at(until)) for since, until in bars]
        for gap in GAPS:
            self._office = _joined(self._stretches, gap)
            if sum(len(self._within(*place)) for place in places) <= MOST_PARTS:
                return

    def bar(self, since: datetime, until: datetime, kind: str, title: str, due_at: datetime | None) -> Markup:
        """One bar as SVG: pale all along, solid where it lies in office hours."""
        begin, end = self.at(since), self.at(until)
        begin = max(0.0, min(begin, WIDTH - SMALLEST))
        end = min(float(WIDTH), max(end, begin + SMALLEST))
        parts = self._within(begin, end) if self.split else [(begin, end)]
        drawn = [_rect("t-all", begin, end)]
        if parts:
            path = "".join(f"M{_n(left)} 0H{_n(right)}V{HEIGHT}H{_n(left)}z" for left, right in parts)
            drawn.append(f'<path class="t-work" d="{path}"/>')
        if due_at is not None and 0 < (due := self.at(due_at)) < WIDTH:
            drawn.append(_rect("t-due", due - 1, due + 1))
        # All of it is made here but the title, which is escaped.
        return Markup(  # noqa: S704  # nosec B704
            f'<svg class="t-bar {kind}" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">'
            f"<title>{escape(title)}</title>{''.join(drawn)}</svg>"
        )

    def _within(self, begin: float, end: float) -> list[Part]:
        first = bisect_right(self._office, begin, key=lambda part: part[1])
        last = bisect_left(self._office, end, key=lambda part: part[0])
        return [(max(begin, left), min(end, right)) for left, right in self._office[first:last]]

    def ticks(self, language: Language) -> tuple[str, ...]:
        """The times at the ends and at equal steps between them."""
        steps = (self._since + self._span * number / _TICKS for number in range(_TICKS + 1))
        return tuple(self._tick(self._calendar.local(at), language) for at in steps)

    def _tick(self, at: datetime, language: Language) -> str:
        chinese = language is Language.ZH_CN
        if self._span > timedelta(days=330):
            return f"{at.year}年{at.month}月" if chinese else f"{MONTHS[at.month - 1]} {at.year}"
        day = f"{at.month}月{at.day}日" if chinese else f"{at.day} {MONTHS[at.month - 1]}"
        return day if self._span > timedelta(days=6) else f"{day} {at:%H:%M}"


def _joined(parts: Sequence[Part], gap: float) -> list[Part]:
    """Parts with what lies between them, where that is narrower than ``gap``."""
    found: list[Part] = []
    for begin, end in parts:
        if found and begin - found[-1][1] < gap:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found


def _rect(kind: str, begin: float, end: float) -> str:
    return f'<rect class="{kind}" x="{_n(begin)}" width="{_n(end - begin)}" height="{HEIGHT}"/>'


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
