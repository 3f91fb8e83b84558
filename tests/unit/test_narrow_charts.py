"""Charts that fit a phone: every value is drawn to one scale, and read out as text."""

from __future__ import annotations

from decimal import Decimal
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from api.charts import NARROW, PLOT, Bar, Group, Segment, columns, lines, whole

COUNTS = st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)), min_size=1, max_size=40)


def drawn(markup: object) -> ElementTree.Element:
    return ElementTree.fromstring(str(markup))


def rects(picture: ElementTree.Element, kind: str) -> list[ElementTree.Element]:
    return [one for one in picture.iter("rect") if one.get("class", "").startswith(kind)]


@given(COUNTS)
def test_columns_stay_below_the_scale_and_what_is_more_is_not_drawn_lower(values):
    picture = drawn(columns("t", [Group("1", f"g{n}", pair) for n, pair in enumerate(values)], ("a", "b")))
    for number, pair in enumerate(values):
        group = next(one for one in picture.iter("g") if (one.findtext("title") or "").startswith(f"g{number}:"))
        tall = [int(one.get("height") or 0) for one in group.iter("rect")]
        assert len(tall) == sum(value > 0 for value in pair)
        assert all(0 < one <= PLOT for one in tall)
        if len(tall) == 2 and pair[0] > pair[1]:
            assert tall[0] >= tall[1]


def test_the_scale_ends_at_a_round_number_above_the_most():
    picture = drawn(columns("t", [Group("1", "g", (73, 12))], ("a", "b")))
    scale = [one.text for one in picture.iter("text") if one.get("class") == "c-scale"]
    assert scale == ["0", "40", "80"]


def test_nothing_at_all_is_drawn_without_columns():
    picture = drawn(columns("t", [Group("1", "g", (0, 0))], ("a", "b")))
    assert [one.findtext("title") for one in picture.iter("g")] == ["g: a 0 · b 0"]


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=12))
def test_the_parts_of_a_whole_fill_it(values):
    picture = drawn(whole("t", [Segment(f"s{n}", value, "good") for n, value in enumerate(values)]))
    right = [float(one.get("x") or 0) + float(one.get("width") or 0) for one in rects(picture, "c-part")]
    assert all(one <= NARROW for one in right)
    if sum(values):
        assert max(right) >= NARROW - 1 - len(values)


def test_a_long_label_is_cut_so_that_its_value_has_room_and_read_out_whole():
    label = "徐州恒远钢铁贸易有限公司与连云港木材有限公司的联合采购项目"
    picture = drawn(lines("t", [Bar(label, Decimal(5), "12,345,678.90")]))
    shown = next(one.text or "" for one in picture.iter("text") if one.get("class") == "c-label")
    assert shown.endswith("…")
    assert len(shown) < len(label)
    assert label in (next(picture.iter("g")).findtext("title") or "")


def test_labels_are_escaped():
    assert "<script>" not in str(lines("<script>", [Bar("<script>", 1, "<script>")]))
