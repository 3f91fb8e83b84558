"""The case page's drawing of who held it how long: right on its scale, small, in words too, and for long cases."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlmodel import select

from api.case_drawing import MOST_PARTS, WIDTH, draw, pages_of
from config.words import Language
from models.queries.held import CaseTimes, RowKind, Stretch, TimedRow
from models.rules.calendar import BusinessCalendar
from models.tables import Case, Signer, Step

CHINA = BusinessCalendar()
TUESDAY = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)
SVG = re.compile(r'<svg class="t-bar.*?</svg>', re.DOTALL)


def times(*bars: tuple[datetime, datetime], until: datetime | None = None) -> CaseTimes:
    rows = tuple(
        TimedRow(
            kind=RowKind.STEP,
            key=f"check#{number}",
            title="Check",
            since=since,
            until=to,
            minutes=0,
            due_at=since + timedelta(days=1),
            stretches=(Stretch(person="li.na", name="李<娜>", since=since, until=to, minutes=0),),
        )
        for number, (since, to) in enumerate(bars)
    )
    end = until or max(to for _, to in bars)
    return CaseTimes(
        since=bars[0][0], until=end, still=False, minutes=0, with_people=0, waiting=0, rows=rows, people=()
    )


def drawn(told: CaseTimes, **more):
    return draw(told, CHINA, Language.EN, lambda at: at.isoformat(), **more)


def parts_of(svg: str) -> tuple[tuple[float, float], list[tuple[float, float]]]:
    """The whole bar, and its solid parts, on the scale."""
    root = ET.fromstring(svg)
    whole = next(rect for rect in root.iter("rect") if rect.get("class") == "t-all")
    left, width = float(whole.get("x")), float(whole.get("width"))
    path = next((path.get("d") for path in root.iter("path")), "")
    solid = [(float(a), float(b)) for a, b in re.findall(r"M([\d.]+) 0H([\d.]+)V", path)]
    return (left, left + width), solid


def test_a_day_is_solid_in_office_hours_and_pale_at_night():
    """From Tuesday half past nine to Wednesday half past nine: 2.5 h, 5 h, and half an hour of the next morning."""
    drawing = drawn(times((TUESDAY, TUESDAY + timedelta(days=1))))
    whole, solid = parts_of(drawing.rows[0].bars[0].svg)
    assert whole == (0, WIDTH)
    hour = WIDTH / 24
    assert [(round(a / hour, 1), round(b / hour, 1)) for a, b in solid] == [(0, 2.5), (3.5, 8.5), (23.5, 24)]
    assert drawing.ticks[0] == "10 Mar 09:30"
    assert drawing.ticks[-1] == "11 Mar 09:30"


def test_a_weekend_is_never_solid():
    saturday = datetime(2026, 3, 14, 1, 0, tzinfo=UTC)
    _, solid = parts_of(drawn(times((saturday, saturday + timedelta(hours=40)))).rows[0].bars[0].svg)
    assert solid == []


@given(
    some.lists(some.tuples(some.integers(0, 5 * 10**5), some.integers(0, 5 * 10**5)), min_size=1, max_size=20),
    some.sampled_from([1, 60, 1440]),
)
def test_whatever_happened_lies_within_the_drawing(bars, unit):
    """From minutes to years: every bar is seen, lies on the scale in its order, and the drawing stays small."""
    begin = TUESDAY - timedelta(seconds=1)
    placed = [(TUESDAY + timedelta(seconds=a * unit), TUESDAY + timedelta(seconds=(a + b) * unit)) for a, b in bars]
    told = times((begin, begin), *placed)
    drawing = drawn(told, rows=told.rows)
    found = [parts_of(row.bars[0].svg) for row in drawing.rows]
    for (left, right), solid in found:
        assert 0 <= left < right <= WIDTH + 0.2
        assert all(left - 0.2 <= a <= b <= right + 0.2 for a, b in solid)
    assert sum(len(solid) for _, solid in found) <= MOST_PARTS + len(found)


def test_of_many_rows_the_last_are_drawn_on_a_scale_of_their_own():
    bars = [(TUESDAY + timedelta(days=n), TUESDAY + timedelta(days=n, hours=3)) for n in range(100)]
    drawing = drawn(times(*bars))
    assert (len(drawing.rows), drawing.more) == (20, 80)
    (left, _), _ = parts_of(drawing.rows[0].bars[0].svg)
    assert left == 0


def test_a_step_of_very_many_people_is_drawn_in_part_and_says_so():
    row = times((TUESDAY, TUESDAY + timedelta(hours=2))).rows[0]
    crowd = row.model_copy(update={"stretches": row.stretches * 90})
    told = times((TUESDAY, TUESDAY + timedelta(hours=2))).model_copy(update={"rows": (row, crowd, row)})
    assert [len(page) for page in pages_of(told.rows)] == [3]
    assert [len(page) for page in pages_of(told.rows, bars=41)] == [2, 1]
    assert len(drawn(told, rows=told.rows).rows[1].bars) == 40


def test_names_are_text_in_the_drawing():
    svg = drawn(times((TUESDAY, TUESDAY + timedelta(hours=2)))).rows[0].bars[0].svg
    assert "李&lt;娜&gt;" in svg
    assert "style" not in svg
    assert 'aria-hidden="true"' in svg


def test_what_began_and_ended_at_once_is_still_seen():
    (left, right), _ = parts_of(drawn(times((TUESDAY, TUESDAY))).rows[0].bars[0].svg)
    assert right > left


# -- on the page ------------------------------------------------------------------------------------------------------


def test_the_page_draws_each_person_and_says_the_same_as_a_table(office):
    ref = office.at_approval()
    office.clock.now += timedelta(hours=2)
    page = office.sign_in("li.na").get(f"/cases/{ref}?lang=en").text
    assert len(SVG.findall(page)) == 4, "li.na, both risk officers, wang.jun"
    section = page[page.index('id="times"') : page.index("</section>", page.index('id="times"'))]
    assert "王军" in section
    assert "until now" in section
    assert "2 h" in section
    table = section[section.index("The drawing as a table") :]
    assert table.count("<tr>") == 5
    assert 'tabindex="0"' in section
    assert "style=" not in page


def test_the_same_is_told_to_programs(office):
    ref = office.at_approval()
    office.clock.now += timedelta(hours=2)
    told = office.browser.get(f"/api/v1/cases/{ref}/held?lang=en", headers=office.token("li.na"))
    held = told.json()
    assert (held["working_minutes"], held["with_people"], held["waiting"], held["still"]) == (120, 120, 0, True)
    assert [row["title"] for row in held["rows"]][-1] == "Approval of limit and term"
    (stretch,) = held["rows"][-1]["people"]
    assert (stretch["name"], stretch["working_minutes"], stretch["still"]) == ("王军", 120, True)
    assert held["people"][0] == {
        "person": "wang.jun", "name": "王军", "working_minutes": 120, "steps": 1, "holds_now": True,
    }  # fmt: skip


def test_who_may_not_see_the_case_learns_nothing(office):
    ref = office.apply()
    browser = office.sign_in("sun.tao")
    for path in ("times", "steps", "events"):
        assert browser.get(f"/cases/{ref}/{path}").status_code == 404
    assert office.browser.get(f"/api/v1/cases/{ref}/held", headers=office.token("sun.tao")).status_code == 404


@pytest.fixture
def long_case(office) -> str:
    """A case with a hundred checks behind it, each asked of two people, and five hundred events."""
    ref = office.apply()
    with office.house.work() as work:
        case = work.session.get_one(Case, ref)
        case.opened_at = work.now - timedelta(days=500)
        step = work.session.exec(select(Step).where(Step.case_ref == ref)).one()
        for number in range(100):
            at = case.opened_at + timedelta(days=4.7 * number)
            copied = step.model_dump(exclude={"id", "key"})
            ended = {"state": "closed", "closed_by": "answer", "outcome": "record", "round": number + 2}
            times = {"opened_at": at, "closed_at": at + timedelta(days=2), "working_minutes": 600}
            row = Step(key=f"check#{number}", **{**copied, **ended, **times})
            work.add(row)
            for who in ("li.na", "chen.yu"):
                place = {
                    "case_ref": ref,
                    "person_id": who,
                    "level": 0,
                    "seat": who,
                    "state": "signed",
                    "kind": "record",
                }
                signed = {"asked_at": at, "signed_at": row.closed_at, "answer": {}, "action": "confirm"}
                work.add(Signer(step_id=row.id, **place, **signed))
            for _ in range(5):
                work.record("step.answered", ref, step=row.key, action="confirm", answer={}, via="session", seat="x")
    return ref


@pytest.mark.parametrize("path", ["", "/times", "/steps", "/events"])
def test_no_page_of_a_long_case_is_large(office, long_case, path):
    page = office.sign_in("zhou.hong").get(f"/cases/{long_case}{path}")
    assert page.status_code == 200
    assert len(page.content) < 150_000


def test_all_of_a_long_case_can_be_reached(office, long_case):
    browser = office.sign_in("zhou.hong")
    page = browser.get(f"/cases/{long_case}?lang=en").text
    for path in ("times", "steps", "events"):
        assert f'href="/cases/{long_case}/{path}"' in page
    drawn_rows = [browser.get(f"/cases/{long_case}/times?page={n}").text.count('class="t-row step"') for n in (1, 2, 3)]
    assert sum(drawn_rows) == 101
    assert drawn_rows[2] == 0
    assert "check" not in browser.get(f"/cases/{long_case}/steps?page=99").text
    seen, address = 0, f"/cases/{long_case}/events"
    while address:
        events = browser.get(address).text
        seen += events.count("<time>")
        more = re.search(rf'href="(/cases/{long_case}/events\?before=\d+)"', events)
        address = more[1] if more else None
    assert seen >= 500
