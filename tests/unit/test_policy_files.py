"""The packaged policy says what the processes say, and keeps its version."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.policy import Policy, load_policy
from config.policy.policy import PARTS
from config.words import CreditGrade, CustomerClass, CustomerType, Language, ListingKind, Mode, RiskLevel, Role

POLICY = load_policy()
FOLDER = Path(__file__).parents[2] / "config" / "policy"


def copy_of_the_files(to: Path, **changed: tuple[str, str]) -> Path:
    for name in PARTS:
        text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
        if name in changed:
            old, new = changed[name]
            assert old in text
            text = text.replace(old, new, 1)
        (to / f"{name}.yaml").write_text(text, encoding="utf-8")
    return to


def test_the_credit_table_is_the_one_of_the_policy() -> None:
    table = {b.grade: (b.lowest, b.highest, b.limit) for b in POLICY.credit.grades}
    assert table == {
        CreditGrade.A: (90, 100, Decimal(5_000_000)),
        CreditGrade.B: (80, 89, Decimal(3_000_000)),
        CreditGrade.C: (50, 79, Decimal(1_000_000)),
        CreditGrade.D: (0, 49, Decimal(0)),
    }


def test_the_matrices_are_the_ones_of_the_policy() -> None:
    matrix = POLICY.approval
    assert [(r.role, r.up_to) for r in matrix.by_limit] == [
        (Role.SALES_MANAGER, Decimal(200_000)),
        (Role.DEPUTY_HEAD, Decimal(1_000_000)),
        (Role.HEAD, Decimal(3_000_000)),
        (Role.VICE_PRESIDENT, None),
    ]
    assert [r.up_to_days for r in matrix.by_term] == [30, 60, 90, None]
    assert [(e.above, e.roles, e.mode) for e in matrix.also_sign_above] == [
        (Decimal(3_000_000), (Role.LEGAL_OFFICER, Role.FINANCE_OFFICER), Mode.ALL)
    ]


def test_a_link_alone_decides_up_to_three_million_and_no_further() -> None:
    assert not POLICY.approval.needs_sign_in(Decimal("3000000.00"))
    assert POLICY.approval.needs_sign_in(Decimal("3000000.01"))
    assert not POLICY.approval.needs_sign_in(None)


def test_collections_climb_on_days_1_3_15_30_and_60() -> None:
    assert [rung.from_day for rung in POLICY.collections.ladder] == [1, 3, 15, 30, 60]
    assert POLICY.collections.rung("visit").people == 2
    assert [rung.name for rung in POLICY.collections.ladder if rung.freezes_credit] == [
        "letter",
        "visit",
        "special_group",
    ]
    with pytest.raises(LookupError, match="no rung 'telegram'"):
        POLICY.collections.rung("telegram")


def test_repair_takes_six_months_from_grey_and_twelve_from_black() -> None:
    assert POLICY.listing.repair.months_since_listing == {ListingKind.GREY: 6, ListingKind.BLACK: 12}


def test_monitoring_is_closest_where_the_risk_is_highest() -> None:
    monitoring = POLICY.frequencies.monitoring
    assert monitoring[RiskLevel.HIGH].days == 7
    assert monitoring[RiskLevel.MEDIUM].months == 1
    assert monitoring[RiskLevel.LOW].months == 3


def test_steps_take_three_days_unless_they_say_otherwise() -> None:
    default = POLICY.steps.times("no-such-step")
    assert (default.deadline_days, default.expires_after_days, default.escalate_after_days) == (3, 7, 1)
    assert default.remind_at_half
    assert default.remind_at_deadline
    visit = POLICY.steps.times("site-visit")
    assert visit.deadline_days == 10
    assert visit.expires_after_days == default.expires_after_days


@pytest.mark.parametrize(
    ("wall_clock", "quiet"), [("19:59", False), ("20:00", True), ("03:00", True), ("07:59", True), ("08:00", False)]
)
def test_quiet_hours_span_the_night(wall_clock: str, quiet: bool) -> None:
    hour, minute = map(int, wall_clock.split(":"))
    moment = datetime(2026, 3, 4, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert POLICY.steps.quiet_hours.hold(moment) is quiet
    assert POLICY.steps.quiet_hours.hold(moment.astimezone(UTC).astimezone(ZoneInfo("Asia/Shanghai"))) is quiet


def test_who_pays_in_advance_need_not_ask_for_credit() -> None:
    on_credit = POLICY.onboarding.required_fields(CustomerType.SMALL, prepays=False)
    in_advance = POLICY.onboarding.required_fields(CustomerType.SMALL, prepays=True)
    assert set(on_credit) - set(in_advance) == {"requested_limit", "requested_term_days"}
    assert "business_licence" in POLICY.onboarding.required_documents(CustomerType.SMALL)
    assert POLICY.onboarding.required[CustomerType.INDIVIDUAL].identifier == "resident_id"


def test_texts_of_the_policy_are_in_both_languages() -> None:
    strategy = POLICY.credit.class_strategies[CustomerClass.D]
    assert strategy.label.in_(Language.ZH_CN) == "高风险客户"
    assert strategy.label.in_(Language.EN) == "High risk"


def test_a_stored_policy_comes_back_as_it_was() -> None:
    stored = POLICY.to_json()
    again = Policy.from_json(stored)
    assert again == POLICY
    assert again.to_json() == stored


def test_equal_contents_have_equal_versions_however_they_are_written(tmp_path: Path) -> None:
    rewritten = copy_of_the_files(
        tmp_path,
        approval=("up_to: 200000}", "up_to: 200_000.00}"),
        credit=("# The credit table", "# Another remark\n\n# The credit table"),
        indicators=("below: 1.5,", "below: 1.50,"),
        steps=('start: "20:00"', "start: 20:00"),
    )
    assert load_policy(rewritten) == POLICY


def test_one_changed_number_is_another_version(tmp_path: Path) -> None:
    changed = load_policy(copy_of_the_files(tmp_path, approval=("up_to: 200000}", "up_to: 200001}")))
    assert changed.version != POLICY.version
    assert len(changed.version) == 12
    assert int(changed.version, 16) >= 0
