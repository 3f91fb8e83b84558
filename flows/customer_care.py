"""Customer care 定期回访与监测 (X, C, B): one turn of a recurring duty towards one customer."""

from __future__ import annotations

from itertools import count
from typing import Any

from config.languages import N_
from config.words import ActionKind, CareKind, Outcome, Role
from flows.case_flow import case_flow
from flows.case_run import CaseRun
from models.forms.base import Filled
from models.forms.care import GreetingSent, MonitoringFindings, Postponed, ProfileCorrection, VisitRecord
from models.forms.common import Commented
from models.processes import CARE
from models.rules.reasons import Reason, because
from models.rules.signing import ByRole
from models.steps import Action, Answer, ByHandler, HumanStep
from tasks.care import (
    GreetingTimes,
    care_duty,
    care_facts,
    confirm_profile,
    correct_profile,
    keep_greeting,
    keep_monitoring,
    keep_visit,
    put_off,
    raise_level,
    receive_client,
)
from tasks.reception import client_facts
from tasks.standing import customer_standing

_RECORD = ActionKind.RECORD
_PUT_OFF = Action(name="put-off", kind=_RECORD, label=N_("Put it off"), form=Postponed)
MONITORING = HumanStep(
    name="monitoring",
    title=N_("Monitoring"),
    question=N_("Does anything stand out in figures, litigation or payments? Must the risk level be raised?"),
    actions=(
        Action(name="nothing", kind=_RECORD, label=N_("Nothing stands out"), form=Commented),
        Action(name="findings", kind=_RECORD, label=N_("File the findings"), form=MonitoringFindings),
    ),
    signers=ByRole(role=Role.RISK_OFFICER),
    by_initiator=True,
)
VISIT = HumanStep(
    name="regular-visit",
    title=N_("Regular visit"),
    question=N_("Please visit the customer. Whom did you meet, and what did you learn?"),
    actions=(
        Action(name="record", kind=_RECORD, label=N_("File the visit record"), form=VisitRecord),
        _PUT_OFF,
    ),
    signers=ByHandler(),
    by_initiator=True,
)
REFRESH = HumanStep(
    name="archive-refresh",
    title=N_("Archive refresh"),
    question=N_("Is what we have on file about the customer still right?"),
    actions=(
        Action(name="confirm", kind=_RECORD, label=N_("All of it is right"), form=Commented),
        Action(name="correct", kind=_RECORD, label=N_("Correct the profile"), form=ProfileCorrection),
        _PUT_OFF,
    ),
    signers=ByHandler(),
    by_initiator=True,
)
GREETING = HumanStep(
    name="festival-greeting",
    title=N_("Festival greeting"),
    question=N_("Please greet the customer. When and how did you do it?"),
    actions=(Action(name="greeted", kind=_RECORD, label=N_("The customer was greeted"), form=GreetingSent),),
    signers=ByHandler(),
    by_initiator=True,
)


@case_flow(CARE)
def customer_care(case: CaseRun) -> Outcome:
    """Carry out one turn of a duty towards a customer: monitor it, visit it, refresh its archive, or greet it.

    Started by the round of customer care every morning for what is due, or by hand. A risk officer monitors, and may
    raise the risk level or have the client received; the handler visits, refreshes and greets, and may put a visit or
    a refresh off. A visit that shows a risk goes to the risk officers at once. However it ends, the next turn is set.

    Ends done, lapsed (nobody recorded it: it comes again soon, and is counted), withdrawn, or cancelled.
    """
    duty = case.do(care_duty)
    shown: dict[str, Any] = {"customer": case.do(client_facts)}
    if duty.kind is CareKind.MONITORING:
        why = monitored(case, shown, "1")
    elif duty.kind is CareKind.VISIT:
        why = visited(case, shown)
    elif duty.kind is CareKind.ARCHIVE:
        why = refreshed(case, shown)
    else:
        why = greeted(case, duty, shown)
    return case.close(Outcome.DONE, *why)


def monitored(case: CaseRun, shown: dict[str, Any], turn: str, **more: Any) -> tuple[Reason, ...]:
    """B: the system's facts, the risk officer's findings; the level goes up where they call for it."""
    facts = case.do(care_facts.named("monitoring-facts", turn), None)
    standing = case.do(customer_standing.at(turn))
    answer = case.ask(MONITORING.at(turn), **more, care=facts, standing=standing, **shown)
    by = answer.signatures[-1]
    if answer.action == "nothing":
        case.do(keep_monitoring, None, answer.filled(Commented).comment, by)
        return (because("care.nothing_found"),)
    found = answer.filled(MonitoringFindings)
    case.do(keep_monitoring, found, "", by)
    why = [because("care.findings_filed")]
    if found.raise_to and case.do(raise_level, found.raise_to, found.told) is not None:
        why.append(because("care.level_raised", level=found.raise_to))
    if found.receive:
        why.append(because("care.received", ref=case.do(receive_client, found.told)))
    return tuple(why)


def visited(case: CaseRun, shown: dict[str, Any]) -> tuple[Reason, ...]:
    """X, C: the visit record; where a risk showed, the risk officers look at the customer in the same case."""
    answer = carried_out(case, VISIT, shown)
    record = answer.filled(VisitRecord)
    case.do(keep_visit, record, answer.signatures[-1])
    why = (because("care.visited", day=record.visited_on.isoformat(), met=record.met),)
    if not record.concern:
        return why
    return (*why, *monitored(case, shown, "1", visit_record=Filled.of(record)))


def refreshed(case: CaseRun, shown: dict[str, Any]) -> tuple[Reason, ...]:
    """C, X: the profile is confirmed, or put right."""
    answer = carried_out(case, REFRESH, shown)
    by = answer.signatures[-1]
    if answer.action == "confirm":
        case.do(confirm_profile, answer.filled(Commented).comment, by)
        return (because("care.confirmed"),)
    given = answer.filled(ProfileCorrection)
    changed = case.do(correct_profile, given, by)
    return (because("care.corrected", fields=len(changed), papers=len(given.papers)),)


def greeted(case: CaseRun, duty: GreetingTimes, shown: dict[str, Any]) -> tuple[Reason, ...]:
    """X: greeted before the festival is over; later it is given up."""
    facts = case.do(care_facts.at(1), None)
    answer = case.ask(GREETING, due_at=duty.due_at, expires_at=duty.expires_at, care=facts, **shown)
    given = answer.filled(GreetingSent)
    case.do(keep_greeting, given, answer.signatures[-1])
    return (because("care.greeted", day=given.greeted_on.isoformat()),)


def carried_out(case: CaseRun, step: HumanStep, shown: dict[str, Any]) -> Answer:
    """Ask for the turn; put off, it is asked for again on its new day, as often as policy lets it be put off."""
    for attempt in count(1):
        facts = case.do(care_facts.at(attempt), attempt - 1)
        offered = step.actions if facts.postpone_until else tuple(one for one in step.actions if one != _PUT_OFF)
        asked = step.model_copy(update={"actions": offered})
        answer = case.ask(asked.at(attempt), care=facts, **shown)
        if answer.action != _PUT_OFF.name:
            return answer
        case.wait_until(f"day#{attempt}", case.do(put_off.at(attempt), answer.filled(Postponed)))
    raise AssertionError("the loop ends by returning")
