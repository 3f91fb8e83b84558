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
