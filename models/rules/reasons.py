"""Reasons: why a rule came to its result, as data; told in a person's language only when shown.

Reasons are frozen into steps and cases, so a code, once used, keeps its meaning and its places.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from string import Formatter
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, field_serializer, field_validator, model_validator

from config.languages import N_, translate
from config.policy.base import Text
from config.words import Language, Word


class Result(BaseModel):
    """What a rule returns: frozen, and the same again after a journey through JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(Result):
    """An English text that is translated when shown, such as the label of a role."""

    label: str


Param = str | int | Decimal | Label | Text
"""What fills a place. A plain ``str`` is shown as it is (names of people, codes)."""

TEMPLATES: Mapping[str, str] = {
    # how a case ended
    "case.withdrawn": N_("Withdrawn: {reason}"),
    "case.cancelled": N_("Cancelled by operations: {reason}"),
    "case.nobody_answered": N_("Nobody answered “{step}” in time"),
    "case.taken_over": N_("Ended before its records were taken over"),
    # identity
    "identity.number_right": N_("The identity number is well formed and its check digit is right"),
    "identity.number_wrong": N_("The identity number: {problem}"),
    "identity.not_listed": N_("Not on the grey or black list"),
    "identity.listed": N_("On the {list} since {since}: {criterion}"),
    "identity.no_namesake": N_("No other customer of this name"),
    "identity.namesakes": N_("{count} other customers have the same name"),
    # onboarding
    "onboarding.blacklisted": N_("On the black list; the refusal was confirmed"),
    "onboarding.rejected": N_("Rejected by {name}: {reason}"),
    "onboarding.approved": N_("Approved: limit {limit}, term {term} days"),
    "onboarding.prepays": N_("Approved without credit: payment before delivery"),
    # reception of risk clients
    "reception.settled": N_("Settled with the client: {consensus}"),
    "reception.not_settled": N_("Not settled with the client: {resolution}"),
    "reception.legal_action": N_("Legal action was approved: claim of {claim} yuan at {court}"),
    "reception.major_amount": N_("{amount} yuan are at stake; from {above} a case is a major one"),
    "reception.major_concession": N_("{amount} yuan were conceded; from {above} a case is a major one"),
    "reception.major_effects": N_("Money, reputation and business are all concerned"),
    "reception.major_lawsuit": N_("The matter goes to court"),
    # collections
    "collections.paid": N_("All that was overdue is paid: {amount} yuan in the course of this case"),
    "collections.plan_kept": N_("The repayment plan was kept to its last instalment"),
    "collections.agency_paid": N_("The agency {agency} recovered the debt"),
    "collections.judgment_paid": N_("The judgment was paid: {awarded} yuan were awarded"),
    "collections.written_off": N_("{amount} yuan were written off: {reason}"),
    # quarterly evaluation
    "evaluation.signed_off": N_(
        "{customers} customers evaluated, {changes} ratings and {limits} limits changed; signed by {name}"
    ),
    # customer care
    "care.nothing_found": N_("Monitored: nothing stood out"),
    "care.findings_filed": N_("Monitored: the findings are on file"),
    "care.level_raised": N_("The risk level was raised: {level}"),
    "care.received": N_("The client is received: {ref}"),
    "care.visited": N_("Visited on {day}: {met}"),
    "care.confirmed": N_("The archive was confirmed"),
    "care.corrected": N_("The archive was corrected: {fields} entries, {papers} papers renewed"),
    "care.greeted": N_("Greeted on {day}"),
    # coordination meeting
    "meeting.followed_up": N_("{items} resolutions: {in_time} done in time, {late} late, {dropped} dropped"),
    "meeting.nothing_resolved": N_("The meeting resolved nothing: {reason}"),
    # assessment of the work
    "assessment.signed_off": N_("{period}: {findings} findings, {rewards} awards and sanctions; signed by {name}"),
    # scoring
    "score.in_band": N_("{value} is in the band {band}: {points} points"),
    "score.is_choice": N_("{value}: {points} points"),
    "score.missing": N_("Missing; by policy it scores {points} points"),
    "score.unreadable": N_("“{value}” cannot be read; it counts as missing and scores {points} points"),
    # credit
    "credit.prepays": N_("The customer pays before delivery and needs no credit line"),
    "credit.none_asked": N_("No credit was asked for"),
    "credit.grade_without_credit": N_("Grade {grade} gets no credit: prepayment only"),
    "credit.limit_within_cap": N_("The limit asked for, {asked}, is within the cap of {cap} for grade {grade}"),
    "credit.limit_cut": N_("The limit asked for, {asked}, is above the cap for grade {grade} and was cut to {cap}"),
    "credit.term_within_cap": N_("The term asked for, {asked} days, is within the {cap} days for grade {grade}"),
    "credit.term_cut": N_("The term asked for, {asked} days, is above the cap for grade {grade}; cut to {cap} days"),
    # trading: may this customer trade now
    "trading.not_admitted": N_("The customer has not been admitted"),
    "trading.refused": N_("The customer was refused admission"),
    "trading.listed_stops": N_("On the {list} since {since} ({criterion}): no trading"),
    "trading.listed": N_("On the {list} since {since} ({criterion})"),
    "trading.suspended": N_("Trading is suspended: {scope}, {until}"),
    "trading.prepays": N_("The customer pays before delivery"),
    "trading.no_line": N_("There is no credit line: only against payment before delivery"),
    "trading.line_of_nothing": N_("The credit line is zero: only against payment before delivery"),
    "trading.class_prepays": N_("Class {klass}: only against payment before delivery"),
    "trading.frozen": N_("The credit line is frozen ({until}): only against payment before delivery"),
    "trading.prepayment_measure": N_("Prepayment was ordered ({until})"),
    "trading.line": N_("The credit line: {limit} yuan, {term} days"),
    "trading.limited": N_("Trading is limited to {cap} yuan by a measure"),
    "trading.shorter_term": N_("The term is shortened to {term} days by a measure"),
    "trading.above_available": N_("{amount} yuan are asked for; {available} are available"),
    "trading.above_cap": N_("{amount} yuan are asked for; trading is limited to {cap}"),
    "trading.used_up": N_("The limit of {limit} yuan is used up: {used} are owed"),
    "trading.limited_scope": N_("Trading is limited: {scope}, {until}"),
    "trading.limited_to": N_("Trading is limited to {cap} yuan: {scope}, {until}"),
    "trading.security": N_("Security is demanded ({until})"),
    "trading.monitored": N_("Under closer monitoring ({until})"),
    # listing and credit repair
    "listing.decided": N_("On the {list}: {criterion}"),
    "listing.declined": N_("Not listed; {name}: {reason}"),
    "repair.since_met": N_("On the {list} since {since}: the {months} months are over"),
    "repair.since_unmet": N_("On the {list} since {since}: the {months} months are over on {earliest}"),
    "repair.arrears_met": N_("All arrears are paid"),
    "repair.arrears_unmet": N_("Arrears of {amount} yuan are to be paid first"),
    "repair.overdue_met": N_("No overdue day in the last {months} months"),
    "repair.overdue_unmet": N_("Overdue on {last}: {months} months without an overdue day are over on {earliest}"),
    "repair.closing_met": N_("The official closing document was handed in: {number}"),
    "repair.closing_unmet": N_("For {criterion} an official closing document is needed"),
    "repair.reapply": N_("A new application can be made from {earliest}"),
    "repair.refused": N_("Refused by {name}: {reason}"),
    "repair.appeal_refused": N_("The appeal was refused by {name}: {reason}"),
    "repair.approved": N_("Approved by {name}: grade {grade}"),
    "repair.probation_passed": N_("The probation until {until} was passed"),
    "repair.relapsed": N_("Relapse in probation: {why}"),
    "repair.relapsed_collections": N_("Relapse in probation: collections were opened ({ref})"),
    # routing: how the levels came about
    "routing.limit_band": N_("Limit {limit} is within ≤ {up_to} → {role}"),
    "routing.limit_above": N_("Limit {limit} is above {above} → {role}"),
    "routing.limit_any": N_("Limit {limit} → {role}"),
    "routing.term_band": N_("Term of {term} days is within ≤ {up_to} days → {role}"),
    "routing.term_above": N_("Term of {term} days is above {above} days → {role}"),
    "routing.term_any": N_("Term of {term} days → {role}"),
    "routing.stricter": N_("The stricter of the two decides: {role}"),
    "routing.below_sign_first": N_("{role} signs first, below the deciding level"),
    "routing.decides": N_("{role} decides"),
    "routing.also_sign": N_("Limit {limit} is above {above}: these must sign too"),
    "routing.by_role": N_("Everyone with the role {role} is asked"),
    "routing.by_role_in_department": N_("Everyone with the role {role} in {department} is asked"),
    "routing.by_department": N_("The members of {department} are asked"),
    "routing.by_person": N_("A named person is asked"),
    # routing: who is left out
    "routing.inactive": N_("No longer active"),
    "routing.seated_already": N_("Has a place on this route already; nobody signs twice"),
    "routing.lacks_authority": N_("Does not have the authority of this place: {role} or above"),
    "routing.substitute": N_("{name} is absent; {substitute} signs in their name"),
    "routing.substitute_barred": N_("{name} is absent, but {substitute} may not sign: {reason}"),
    "routing.unknown_person": N_("There is no such person"),
    "routing.started_it": N_("Started this case; nobody approves what they started"),
    "routing.handles_it": N_("Handles this case"),
    "routing.proposed_it": N_("Proposed what is to be decided; others decide it"),
    "routing.signs_higher": N_("Also on a higher level of this route ({level}); signs once, there"),
    "routing.signs_same_level": N_("Already in another place on this level ({seat}); signs once"),
    "routing.signs_lower": N_("Already on a lower level of this route ({level}); nobody signs twice"),
    "routing.needed_elsewhere": N_("Is the only one who can sign on another level of this route ({level})"),
    # routing: what was done about it
    "routing.skipped_repeat": N_("{seat} is skipped: all who could sign there already sign on this route"),
    "routing.empty_goes_up": N_("Nobody can sign as {seat}: {role} signs instead"),
    "routing.empty_covered_above": N_("Nobody can sign as {seat}: {role}, who signs on this route anyway, covers it"),
    "routing.repeat_goes_up": N_("Whoever could sign as {seat} signs below already: {role} signs instead"),
    "routing.repeat_covered_above": N_("Whoever could sign as {seat} signs below already: {role} above covers it"),
}


@cache
def _places(code: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(TEMPLATES[code]) if name)


class Reason(Result):
    """A code of ``TEMPLATES`` and what fills its places."""

    code: str
    params: dict[str, Param] = {}

    @field_validator("params", mode="before")
    @classmethod
    def _read_numbers(cls, params: Any) -> Any:
        if not isinstance(params, dict):
            return params
        return {name: Decimal(v["number"]) if _is_number(v) else v for name, v in params.items()}

    @field_serializer("params")
    def _write_numbers(self, params: dict[str, Param]) -> dict[str, Any]:
        return {name: _written(value) for name, value in params.items()}

    @model_validator(mode="after")
    def _fills_its_places(self) -> Self:
        if self.code not in TEMPLATES:
            raise ValueError(f"unknown reason {self.code!r}")
        if _places(self.code) != self.params.keys():
            raise ValueError(f"reason {self.code!r} needs {sorted(_places(self.code))}, got {sorted(self.params)}")
        return self

    def __hash__(self) -> int:
        return hash((self.code, tuple(sorted((name, str(value)) for name, value in self.params.items()))))

    def render(self, language: Language) -> str:
        """The reason as a sentence in ``language``."""
        shown = {name: _shown(value, language) for name, value in self.params.items()}
        return translate(TEMPLATES[self.code], language, **shown)


def because(code: str, **params: Param | Word) -> Reason:
    """A reason by its code; words of the field (roles, departments …) are translated when it is shown.

    Raises:
        pydantic.ValidationError: an unknown code, or places missing or left over.
    """
    values = {name: Label(label=v.label) if isinstance(v, Word) else v for name, v in params.items()}
    return Reason(code=code, params=values)


def _is_number(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"number"}


def _written(value: Param) -> Any:
    if isinstance(value, Decimal):  # a bare string would come back as a text
        return {"number": str(value)}
    return value.model_dump() if isinstance(value, BaseModel) else value


def _shown(value: Param, language: Language) -> str:
    if isinstance(value, Label):
        return translate(value.label, language)
    if isinstance(value, Text):
        return value.in_(language)
    return value if isinstance(value, str) else f"{value:,}"
