"""Whenever the worker is killed, the evaluation ends as if it had not been: no customer twice, none left out."""

import pytest

import tasks.evaluation
from tests.processes.conftest import Office
from tests.processes.mortality import Script, Stage, dies_after_every_verb
from tests.processes.portfolio import (
    evaluates,
    furnish_portfolio,
    straight_through,
    through_the_matrix,
    to_the_end,
    to_the_matrix,
)


def returned_by_management(office: Office) -> None:
    furnish_portfolio(office)
    evaluates(office)
    to_the_matrix(office)
    through_the_matrix(office)
    office.answers("zhou.hong", "return", target="evaluation-review", reason="逾期说明不足")
    to_the_matrix(office)
    through_the_matrix(office)
    to_the_end(office)


def withdrawn_at_the_matrix(office: Office) -> None:
    furnish_portfolio(office)
    evaluates(office)
    to_the_matrix(office)
    office.withdraws("wu.gang", "数据有误")


@pytest.mark.parametrize(
    "script",
    [straight_through, returned_by_management, withdrawn_at_the_matrix],
    ids=lambda script: script.__name__,
)
def test_dying_after_every_verb_it_ends_as_undisturbed(
    script: Script, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.evaluation, "BATCH", 2)
    dies_after_every_verb(stage, script)
