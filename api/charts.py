"""Charts as SVG, made on the server and put into the page: coloured by the style sheet, read out as text, no script.

They carry no styles of their own, so that the pages' strict headers hold and both colour schemes work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup, escape

WIDTH = 640
ROW, GAP = 30, 8
LABEL, VALUE = 200, 190
LONGEST = 15
"""Characters of a label that fit beside its bar; the whole of it is in the title."""
HEATS = 4


@dataclass(frozen=True)
class Bar:
    """One bar: its length by ``value``, with ``shown`` beside it; ``tone`` is a class of the style sheet."""

    label: str
    value: Decimal | int
    shown: str
    tone: str = ""


@dataclass(frozen=True)
class Pair:
    """One word before and after."""

    label: str
    before: int
    after: int


def bars(title: str, items: Sequence[Bar]) -> Markup:
    """Horizontal bars, one below the other, on one scale."""
    most = max((item.value for item in items), default=0)
    drawn = []
    for number, item in enumerate(items):
        top = number * (ROW + GAP)
        length = _length(item.value, most, WIDTH - LABEL - VALUE)
        drawn.append(
            Markup(
                '<g><title>{}: {}</title><text class="c-label" x="0" y="{}">{}</text>'
                '<rect class="c-bar {}" x="{}" y="{}" width="{}" height="{}" rx="3"/>'
                '<text class="c-value" x="{}" y="{}">{}</text></g>'
            ).format(
                item.label,
                item.shown,
                top + ROW * 2 // 3,
                _short(item.label),
                item.tone,
                LABEL,
                top + 4,
                length,
                ROW - 8,
                LABEL + length + 8,
                top + ROW * 2 // 3,
                item.shown,
            )
        )
    return _figure(title, len(items) * (ROW + GAP), drawn)


def pairs(title: str, items: Sequence[Pair], before: str, after: str) -> Markup:
    """Two bars for each word: how many before, how many after."""
    most = max((max(item.before, item.after) for item in items), default=0)
    drawn, half = [], ROW - 10
    for number, item in enumerate(items):
        top = number * (2 * half + GAP * 2)
        drawn.append(Markup('<text class="c-label" x="0" y="{}">{}</text>').format(top + half + 5, _short(item.label)))
        for place, (told, count, tone) in enumerate(((before, item.before, "was"), (after, item.after, ""))):
            y, length = top + place * half, _length(count, most, WIDTH - LABEL - VALUE)
            drawn.append(
                Markup(
                    '<g><title>{}, {}: {}</title><rect class="c-bar {}" x="{}" y="{}" width="{}" height="{}" rx="3"/>'
                    '<text class="c-value" x="{}" y="{}">{} · {}</text></g>'
                ).format(
                    item.label, told, count, tone, LABEL, y + 2, length, half - 4, LABEL + length + 8, y + 15,
                    f"{count:,}", told,
                )
            )  # fmt: skip
    return _figure(title, len(items) * (2 * half + GAP * 2), drawn)


def matrix(title: str, words: Sequence[str], counts: Sequence[Sequence[int]], rows: str, columns: str) -> Markup:
    """A table of moves: from the word of the row to the word of the column; the diagonal stayed where it was."""
    most = max((count for i, row in enumerate(counts) for j, count in enumerate(row) if i != j), default=0)
    left, top, tall = 150, 46, 46
    wide = (WIDTH - left) // max(1, len(words))
    drawn = [
        Markup('<text class="c-axis" x="{}" y="14">{} →</text>').format(left, columns),
        Markup('<text class="c-axis" x="0" y="36">{} ↓</text>').format(rows),
    ]
    for j, word in enumerate(words):
        x = left + j * wide + wide // 2
        drawn.append(Markup('<text class="c-head" x="{}" y="36">{}</text>').format(x, _short(word)))
    for i, row in enumerate(counts):
        y = top + i * tall
        drawn.append(Markup('<text class="c-label" x="0" y="{}">{}</text>').format(y + tall // 2 + 5, _short(words[i])))
        for j, count in enumerate(row):
            x = left + j * wide
            drawn.append(
                Markup(
                    '<g><title>{} → {}: {}</title><rect class="c-cell {}" x="{}" y="{}" width="{}" height="{}" rx="4"/>'
                    '<text class="c-count" x="{}" y="{}">{}</text></g>'
                ).format(
                    words[i], words[j], count, _heat(i, j, count, most), x + 2, y + 2, wide - 4, tall - 4,
                    x + wide // 2, y + tall // 2 + 5, f"{count:,}",
                )
            )  # fmt: skip
    return _figure(title, top + tall * len(words), drawn)


def _heat(i: int, j: int, count: int, most: int) -> str:
    if i == j or not count:
        return "stay" if i == j else "none"
    step = min(HEATS, 1 + (HEATS - 1) * count // most)
    return f"{'worse' if j > i else 'better'} h{step}"


def _length(value: Decimal | int, most: Decimal | int, room: int) -> int:
    """Something is never nothing: the smallest value above zero still shows."""
    return 0 if not most or not value else max(2, int(value * room / most))


def _short(label: str) -> str:
    return label if len(label) <= LONGEST else label[: LONGEST - 1] + "…"


def _figure(title: str, height: int, drawn: Sequence[Markup]) -> Markup:
    head = Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
        WIDTH, max(height, 1), escape(title)
    )
    return head + Markup("").join(drawn) + Markup("</svg>")


# -- charts narrow enough for a phone: as wide as its screen, and no larger on a desk ---------------------------------

NARROW = 360
LINE, BAR = 20, 8
PLOT, BELOW, LEFT = 130, 22, 34


@dataclass(frozen=True)
class Group:
    """One place of a column chart: a short ``label`` below, all of it in ``title``, and a value for each series."""

    label: str
    title: str
    values: tuple[int, ...]


@dataclass(frozen=True)
class Segment:
    """A part of a whole; ``tone`` is a class of the style sheet."""

    label: str
    value: Decimal | int
    tone: str


def lines(title: str, items: Sequence[Bar]) -> Markup:
    """Bars below their labels, so that long labels have room: label and value on a line, the bar under it."""
    most = max((item.value for item in items), default=0)
    tall, drawn = LINE + BAR + 12, []
    for number, item in enumerate(items):
        top = number * tall
        drawn.append(
            Markup(
                '<g><title>{}: {}</title><text class="c-label" x="0" y="{}">{}</text>'
                '<text class="c-end" x="{}" y="{}">{}</text>'
                '<rect class="c-track" x="0" y="{}" width="{}" height="{}" rx="3"/>'
                '<rect class="c-bar {}" x="0" y="{}" width="{}" height="{}" rx="3"/></g>'
            ).format(
                item.label, item.shown, top + LINE - 5, _fitting(item.label, NARROW - 8 - _wide(item.shown)),
                NARROW, top + LINE - 5, item.shown, top + LINE, NARROW, BAR,
                item.tone, top + LINE, _length(item.value, most, NARROW), BAR,
            )
        )  # fmt: skip
    return _narrow(title, len(items) * tall, drawn)


def columns(title: str, groups: Sequence[Group], series: Sequence[str], tones: Sequence[str] = ("s0", "s1")) -> Markup:
    """Upright columns, one group beside the other, with a scale on the left and the names of the series above."""
    most = _round_up(max((value for group in groups for value in group.values), default=0))
    top, room = 26, (NARROW - LEFT) / max(1, len(groups))
    width = min(14.0, (room - 4) / max(1, len(series)))
    drawn = []
    for number, name in enumerate(series):
        x = LEFT + number * 110
        drawn.append(
            Markup('<rect class="c-bar {}" x="{}" y="4" width="10" height="10" rx="2"/>').format(tones[number], x)
            + Markup('<text class="c-axis" x="{}" y="13">{}</text>').format(x + 15, name)
        )
    for share in (0, 1, 2):
        y = top + PLOT - PLOT * share // 2
        drawn.append(Markup('<line class="c-grid" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(LEFT, NARROW, y, y))
        shown = _brief(most * share, 2)
        drawn.append(Markup('<text class="c-scale" x="{}" y="{}">{}</text>').format(LEFT - 5, y + 4, shown))
    every = -(-len(groups) // 12)
    for place, group in enumerate(groups):
        begins = LEFT + place * room + (room - width * len(series)) / 2
        told = " · ".join(f"{name} {value:,}" for name, value in zip(series, group.values, strict=True))
        inside = Markup("").join(
            Markup('<rect class="c-bar {}" x="{:.1f}" y="{}" width="{:.1f}" height="{}" rx="1.5"/>').format(
                tones[number], begins + number * width, top + PLOT - tall, max(1.5, width - 1.5), tall
            )
            for number, value in enumerate(group.values)
            if (tall := _length(value, most, PLOT))
        )
        drawn.append(Markup("<g><title>{}: {}</title>{}</g>").format(group.title, told, inside))
        if place % every == 0:
            drawn.append(Markup('<text class="c-tick" x="{:.1f}" y="{}">{}</text>').format(
                LEFT + place * room + room / 2, top + PLOT + 16, group.label
            ))  # fmt: skip
    return _narrow(title, top + PLOT + BELOW, drawn)


def whole(title: str, segments: Sequence[Segment]) -> Markup:
    """One bar cut into its parts; what they are called stands beside it in a table."""
    total = sum((one.value for one in segments), Decimal(0))
    drawn, x = [], 0.0
    for one in segments:
        width = float(one.value / total * NARROW) if total else 0.0
        drawn.append(
            Markup(
                '<g><title>{}: {:,}</title><rect class="c-part {}" x="{:.1f}" y="0" width="{:.1f}" height="16"/></g>'
            ).format(one.label, one.value, one.tone, x, max(0.0, width - 1))
        )
        x += width
    return _narrow(title, 16, drawn)


def _narrow(title: str, height: int, drawn: Sequence[Markup]) -> Markup:
    head = Markup('<svg class="chart narrow" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
        NARROW, max(height, 1), title
    )
    return head + Markup("").join(drawn) + Markup("</svg>")


def _wide(text: str) -> int:
    """About how many units ``text`` takes in a narrow chart: Chinese characters are as wide as high."""
    return sum(13 if ord(letter) > 0x2E7F else 7 for letter in text)


def _fitting(text: str, room: int) -> str:
    if _wide(text) <= room:
        return text
    while text and _wide(text) > room - 13:
        text = text[:-1]
    return text + "…"


def _round_up(value: int) -> int:
    """The next even number, of one or two digits and noughts: where a scale ends, so that its middle is whole."""
    if value <= 10:
        return max(2, value + value % 2)
    unit: int = 10 ** (len(str(value)) - 1)
    steps = (10, 12, 16, 20, 24, 30, 40, 50, 60, 80, 100)
    return next(step * unit // 10 for step in steps if step * unit >= 10 * value)


def _brief(value: int, over: int) -> str:
    """``value / over`` without needless digits: 1.2k, 350."""
    number = Decimal(value) / over
    return f"{(number / 1000).normalize():f}k" if number >= 1000 else f"{number.normalize():f}"
