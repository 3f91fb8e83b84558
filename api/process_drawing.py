"""A process drawn as its cases went: steps below each other in their usual order, the ways between them at their sides.

Straight down leads what usually follows. On the right run the ways that skip steps, on the left those that go back;
each leaves and enters at a place of its own and carries how often it was gone. Rare ways are left to the table below.
Narrow enough for a phone; no styles and no script.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from markupsafe import Markup

from api.reported import Told
from config.languages import N_
from models.queries.process_map import START, ProcessMap
from models.queries.statistics import StepFigures

WIDE, BOX, TALL, END_TALL, GAP = 390, 238, 62, 30, 30
LANE, GUTTER = 9, 27
LEFT_LANES, RIGHT_LANES = 2, 8
APART, ROOM = 14, 3
"""Ways at one side of a box stand so far apart; a box has room for so many before it grows."""
MOST_WAYS = 3
"""Of the ways that leave a box at one side, the most frequent so many are drawn."""
RARE = 40
"""A way is drawn if one case in so many went it, or if no way into its box were drawn else."""
X = LEFT_LANES * LANE + GUTTER
THICK = 4.0
ANSWERED = N_("{count} answered · median {time}")


@dataclass(frozen=True)
class Box:
    """What stands in one row: a step, the beginning, or an ending."""

    name: str
    top: int
    tall: int

    @property
    def bottom(self) -> int:
        return self.top + self.tall


@dataclass(frozen=True)
class Way:
    """A way between two rows, by their places in the drawing."""

    begins: int
    ends: int
    count: int
    returned: bool

    @property
    def rows(self) -> range:
        return range(min(self.begins, self.ends), max(self.begins, self.ends))


def drawing(found: ProcessMap, told: Told) -> Markup:
    """The drawing; empty where no case has gone or is open."""
    if not found.steps:
        return Markup("")
    boxes = _boxes(found, {})
    ways = _worth_drawing(_ways(found, boxes))
    boxes = _boxes(found, _busy(ways))
    most = max((way.count for way in ways), default=1)
    parts = [_way_straight(way, boxes, most, told) for way in ways if way.ends == way.begins + 1]
    parts += _beside(ways, boxes, most, told)
    parts += [_box(found, box, told) for box in boxes]
    title = told.t(N_("{process}: how its cases went"), process=told.t(found.title))
    head = Markup('<svg class="map" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
        WIDE, boxes[-1].bottom + 6, title
    )
    markers = Markup("").join(
        Markup(
            '<marker id="a-{}" viewBox="0 0 6 6" refX="5.4" refY="3" markerWidth="9" markerHeight="9" '
            'markerUnits="userSpaceOnUse" orient="auto"><path class="m-head {}" d="M0 0 6 3 0 6Z"/></marker>'
        ).format(kind, kind)
        for kind in ("on", "back")
    )
    return head + Markup("<defs>") + markers + Markup("</defs>") + Markup("").join(parts) + Markup("</svg>")


def _busy(ways: Sequence[Way]) -> dict[int, int]:
    """How many ways leave or enter each row on its busier side."""
    sides: defaultdict[tuple[int, bool], int] = defaultdict(int)
    for way in ways:
        if way.ends != way.begins + 1:
            for row in (way.begins, way.ends):
                sides[row, way.ends > way.begins] += 1
    return {row: max(sides[row, True], sides[row, False]) for row, _ in list(sides)}


def _boxes(found: ProcessMap, busy: dict[int, int]) -> list[Box]:
    rows = [(START, END_TALL), *((step.name, TALL) for step in found.steps)]
    rows += [(f"={ending.outcome.value}", END_TALL) for ending in found.endings]
    boxes, top = [], 6
    for row, (name, least) in enumerate(rows):
        tall = max(least, APART * (busy.get(row, 0) + 1) + 2) if busy.get(row, 0) > ROOM or least < TALL else least
        boxes.append(Box(name, top, tall))
        top += tall + GAP
    return boxes


def _ways(found: ProcessMap, boxes: Sequence[Box]) -> list[Way]:
    place = {box.name: number for number, box in enumerate(boxes)}
    counts: defaultdict[tuple[int, int, bool], int] = defaultdict(int)
    for one in found.passages:
        counts[place[one.before], place[one.after], one.returned] += one.count
    for ended in found.exits:
        counts[place[ended.before], place[f"={ended.outcome.value}"], False] += ended.count
    ways = [Way(begins, ends, count, returned) for (begins, ends, returned), count in counts.items()]
    return sorted(ways, key=lambda way: -way.count)


def _worth_drawing(ways: Sequence[Way]) -> list[Way]:
    """The frequent ones, and the most frequent way into each box."""
    whole = sum(way.count for way in ways if way.begins == 0)
    drawn: list[Way] = []
    entered: set[int] = set()
    leaving: defaultdict[tuple[int, bool], int] = defaultdict(int)
    for way in ways:
        side = way.begins, way.ends > way.begins
        frequent = way.count * RARE >= whole and leaving[side] < MOST_WAYS
        first = way.ends not in entered and way.ends > way.begins
        if frequent or first:
            drawn.append(way)
            leaving[side] += 1
            if way.ends > way.begins:
                entered.add(way.ends)
    return drawn


def _way_straight(way: Way, boxes: Sequence[Box], most: int, told: Told) -> Markup:
    x, top, bottom = X + BOX // 2, boxes[way.begins].bottom, boxes[way.ends].top
    return Markup(
        '<g><title>{}</title><path class="m-way" d="M{} {}V{}" stroke-width="{:.1f}" marker-end="url(#a-on)"/>'
        '<text class="m-count" x="{}" y="{}">{}</text></g>'
    ).format(_told(way, told), x, top, bottom - 2, _thick(way, most), x + 7, (top + bottom) // 2 + 3, f"{way.count:,}")


def _beside(ways: Sequence[Way], boxes: Sequence[Box], most: int, told: Told) -> list[Markup]:
    """The ways on the right (which skip) and on the left (which go back), each in a lane that is free along it."""
    right = [way for way in ways if way.ends > way.begins + 1]
    left = [way for way in ways if way.ends <= way.begins]
    drawn = []
    for some, lanes, edge, away in ((right, RIGHT_LANES, X + BOX, 1), (left, LEFT_LANES, X, -1)):
        lane_of = _lanes(some, lanes)
        slots = _slots(some, boxes)
        for way in some:
            lane = edge + away * (GUTTER + lane_of[way] * LANE)
            begin, end = slots[way, True], slots[way, False]
            kind = "back" if away < 0 else "on"
            drawn.append(
                Markup(
                    '<g><title>{}</title><path class="m-way {}" d="M{} {}H{}V{}H{}" stroke-width="{:.1f}" '
                    'marker-end="url(#a-{})"/><text class="m-count {}" x="{}" y="{}">{}</text></g>'
                ).format(
                    _told(way, told), kind, edge, begin, lane, end, edge + away * 2, _thick(way, most), kind,
                    kind, edge + away * 4, begin - 3, f"{way.count:,}",
                )
            )  # fmt: skip
    return drawn


def _lanes(ways: Sequence[Way], lanes: int) -> dict[Way, int]:
    """Short ways near the boxes, long ones outside; beyond the last lane ways share it."""
    taken: list[set[int]] = [set() for _ in range(lanes)]
    found = {}
    for way in sorted(ways, key=lambda one: (len(one.rows), one.begins)):
        rows = set(way.rows) or {way.begins}
        lane = next((number for number, used in enumerate(taken) if not used & rows), lanes - 1)
        taken[lane] |= rows
        found[way] = lane
    return found


def _slots(ways: Sequence[Way], boxes: Sequence[Box]) -> dict[tuple[Way, bool], int]:
    """Where each way leaves (``True``) and enters its boxes on this side: those from above first, each apart."""
    ends: defaultdict[int, list[tuple[int, Way, bool]]] = defaultdict(list)
    for way in ways:
        ends[way.begins].append((way.ends, way, True))
        ends[way.ends].append((way.begins, way, False))
    found = {}
    for row, some in ends.items():
        box = boxes[row]
        for number, (_, way, leaves) in enumerate(sorted(some, key=lambda one: (one[0], one[2]))):
            found[way, leaves] = box.top + box.tall * (number + 1) // (len(some) + 1)
    return found


def _box(found: ProcessMap, box: Box, told: Told) -> Markup:
    middle, down = X + BOX // 2, (box.tall - TALL) // 2
    if box.name == START:
        return _end(box, told.t(N_("Beginning")), sum(one.count for one in found.exits), "start")
    if box.name.startswith("="):
        ending = next(one for one in found.endings if f"={one.outcome.value}" == box.name)
        return _end(box, told.t(ending.outcome.label), ending.count, "end")
    step = next(one for one in found.steps if one.name == box.name)
    title = told.t(step.title)
    waiting = _waiting(step, told)
    return Markup(
        '<g><title>{}</title><rect class="m-box{}" x="{}" y="{}" width="{}" height="{}" rx="9"/>'
        '<text class="m-name" x="{}" y="{}">{}</text><text class="m-note" x="{}" y="{}">{}</text>'
        '<text class="m-open{}" x="{}" y="{}">{}</text></g>'
    ).format(
        f"{title}: {waiting}", " late" if step.overdue else "", X, box.top, BOX, box.tall,
        middle, box.top + down + 20, _fitting(title), middle, box.top + down + 37,
        told.t(ANSWERED, count=f"{step.answered:,}", time=told.worked(step.working.median)),
        " late" if step.overdue else "", middle, box.top + down + 53, waiting,
    )  # fmt: skip


def _waiting(step: StepFigures, told: Told) -> str:
    if step.overdue:
        return told.t(N_("{count} open, {late} overdue"), count=f"{step.open:,}", late=f"{step.overdue:,}")
    return told.t(N_("{count} open"), count=f"{step.open:,}")


def _end(box: Box, name: str, count: int, kind: str) -> Markup:
    return Markup(
        '<g><title>{}: {}</title><rect class="m-end {}" x="{}" y="{}" width="{}" height="{}" rx="{}"/>'
        '<text class="m-name" x="{}" y="{}">{} · {}</text></g>'
    ).format(
        name, f"{count:,}", kind, X, box.top, BOX, box.tall, END_TALL // 2, X + BOX // 2, box.top + box.tall // 2 + 5,
        name, f"{count:,}",
    )  # fmt: skip


def _told(way: Way, told: Told) -> str:
    if way.returned:
        return told.t(N_("Sent back {count} times"), count=f"{way.count:,}")
    return told.t(N_("{count} times"), count=f"{way.count:,}")


def _thick(way: Way, most: int) -> float:
    return max(1.0, THICK * sqrt(way.count / most))


def _fitting(text: str) -> str:
    """As much of a step's name as its box is wide: a Chinese character takes two letters' room."""
    room, taken = 32, 0
    for place, letter in enumerate(text):
        taken += 2 if ord(letter) > 0x2E7F else 1
        if taken > room:
            return text[: place - 1] + "…"
    return text
