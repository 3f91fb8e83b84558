"""The minutes of a reception: drafted, signed by the team and by the client, revised (processes §3.2, 6)."""

import pytest

from config.words import (
    Outcome,
)
from models.errors import (
    ContentChanged,
    LinkDead,
)
from models.operations.outside import hand_over
from models.operations.outside_answers import take_outside
from models.operations.outside_secrets import (
    issue_code,
)
from models.tables import (
    OutsideLink,
    Paper,
    PaperSignature,
)
from tests.processes.conftest import (
    Office,
)
from tests.processes.received import (
    MINUTES,
    agreed,
    client_link,
    client_signs,
    minuted,
    receives,
    signed_by_team,
)

# -- 6: minutes ------------------------------------------------------------------------------------------------------


def test_team_and_client_sign_the_hash_of_the_exact_text(office: Office) -> None:
    receives(office)
    minuted(office)
    (paper,) = office.all(Paper)
    signed = [(one.name, one.capacity, one.via, one.content_hash) for one in office.all(PaperSignature)]
    assert signed == [
        ("陈宇", "组长", "session", paper.content_hash),
        ("李娜", "谈判代表", "session", paper.content_hash),
        ("郑丽", "财务事务", "session", paper.content_hash),
        ("周雅", "总经理", "outside", paper.content_hash),
    ]
    assert paper.content["title"] == "风险客户接待纪要"
    assert list(office.waits_for()) == ["risk-response#1"]


def test_minutes_can_be_written_in_english(office: Office) -> None:
    receives(office)
    agreed(office)
    signed_by_team(office, language="en")
    (paper,) = office.all(Paper)
    assert paper.content["title"] == "Minutes of the reception"
    assert [one["heading"] for one in paper.content["sections"]][-1] == "Consensus"


def test_a_member_who_objects_has_the_minutes_revised_and_everybody_signs_anew(office: Office) -> None:
    receives(office)
    agreed(office)
    signed = {"participants": "周雅；陈宇、李娜、郑丽"}
    office.answers("liu.yang", "issue", **MINUTES)
    office.answers("chen.yu", "sign", agree=True)
    office.answers("zheng.li", "object", reason="付款日期有误")
    assert office.content("minutes-review#2")["objections"][0]["reason"] == "付款日期有误"
    assert office.all(PaperSignature) == []
    signed_by_team(office, **signed)
    versions = {one.version: one.superseded for one in office.all(Paper)}
    assert versions == {1: True, 2: False}
    assert {one.paper_id for one in office.all(PaperSignature)} == {2}


def test_signing_minutes_whose_text_has_changed_is_refused_with_a_clear_answer(office: Office) -> None:
    receives(office)
    agreed(office)
    signed_by_team(office)
    with office.house.work() as work:
        link = work.session.get_one(OutsideLink, client_link(office).id)
        token, code = hand_over(work, link), issue_code(work, link.id or 0)
    office.passes(days=14)
    office.answers("chen.yu", "revise", reason="首期日期改为4月15日")
    signed_by_team(office, consensus="4月15日、5月各付29.5万元")
    sign = {"answer": "sign", "name": "周雅", "capacity": "总经理", "agreed": True}
    with office.house.work() as work, pytest.raises((ContentChanged, LinkDead)):
        take_outside(work, token, code, sign)
    assert [one for one in office.all(PaperSignature) if one.via == "outside"] == []
    client_signs(office)
    (by_client,) = [one for one in office.all(PaperSignature) if one.via == "outside"]
    assert by_client.paper_id == 2


def test_a_client_who_declines_has_a_risk_officer_decide(office: Office) -> None:
    receives(office)
    agreed(office)
    signed_by_team(office)
    client_signs(office, answer="decline", agreed=False, reason="金额与口头约定不符")
    assert office.content("unsigned-minutes#1.1")["objection"] == {
        "name": "周雅",
        "reason": "金额与口头约定不符",
        "outside": True,
        "answered": True,
    }
    office.answers("chen.yu", "revise", reason="按口头约定更正")
    assert office.content("minutes-review#2")["objections"][0]["reason"] == "金额与口头约定不符"


def test_a_silent_client_is_reminded_and_then_we_may_go_on_without(office: Office) -> None:
    receives(office)
    agreed(office)
    signed_by_team(office)
    office.passes(days=13)
    assert office.content("unsigned-minutes#1.1")["objection"]["answered"] is False
    assert len(office.messages("outside_invited")) == 3
    office.answers("chen.yu", "without", reason="客户负责人出国")
    assert list(office.waits_for()) == ["risk-response#1"]
    assert client_link(office).revoked_at is not None


def test_asked_again_the_client_may_sign_under_another_address(office: Office) -> None:
    receives(office)
    agreed(office)
    signed_by_team(office)
    office.passes(days=13)
    side = {"party_name": "周建", "party_capacity": "法定代表人", "party_email": "zhoujian@jinxiu.example"}
    office.answers("chen.yu", "ask-again", **side)
    client_signs(office, name="周建", capacity="法定代表人")
    assert [one.name for one in office.all(PaperSignature)][-1] == "周建"
    assert list(office.waits_for()) == ["risk-response#1"]


def test_withdrawn_while_the_client_is_asked_the_link_is_dead(office: Office) -> None:
    receives(office)
    agreed(office)
    signed_by_team(office)
    office.withdraws("liu.yang")
    assert office.outcome is Outcome.WITHDRAWN
    assert client_link(office).revoked_at is not None
