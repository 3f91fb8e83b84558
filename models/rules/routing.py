"""Routing: who signs, in what order, and why (C; processes §5).

The declaration of a step is first drawn up as levels of seats with everyone who could fill them (here), then people
who may not sign are left out, empty places filled and repeats resolved by policy (``seating``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from config.languages import N_
from config.policy import Policy
from config.words import Department, Mode, Role
from models.rules.reasons import Reason, because
from models.rules.seating import DraftLevel, DraftSeat, Staff, settle
from models.rules.signing import (
    DECLARATION,
    ByDepartment,
    ByMatrix,
    ByPerson,
    ByRole,
    Candidate,
    Declaration,
    InSequence,
    LeftOut,
    NobodyCanSign,
    Route,
    RouteLevel,
    Seat,
    Signer,
    Together,
)

FEN = Decimal("0.01")
COUNTERSIGN = N_("Countersignature")
ONE_OF_SEVERAL = N_("One of several")
NAMED_PERSON = N_("Named person")


def route(
    declaration: Declaration,
    *,
    policy: Policy,
    people: Sequence[Candidate],
    department: Department,
    limit: Decimal | None = None,
    term_days: int | None = None,
    barred: Mapping[str, Reason] | None = None,
) -> Route:
    """The route of a step of a case in ``department``, over ``limit`` yuan and ``term_days`` days.

    ``barred`` names people who may not sign (the initiator, the handler …) by their id, each with the reason.
    Nobody is seated twice; no place is passed over without a reason on record.

    Raises:
        NobodyCanSign: a place that must be filled can be filled by nobody.
        ValueError: a matrix is asked for without limit and term.
    """
    staff = Staff(tuple(people), department, policy.approval, dict(barred or {}))
    reasons: list[Reason] = []
    levels = _levels(declaration, staff, limit, term_days, reasons)
    return settle(levels, staff, reasons, policy.version)


def _levels(
    declaration: Declaration, staff: Staff, limit: Decimal | None, term_days: int | None, reasons: list[Reason]
) -> list[DraftLevel]:
    if isinstance(declaration, InSequence):
        return [level for part in declaration.parts for level in _levels(part, staff, limit, term_days, reasons)]
    if isinstance(declaration, ByMatrix):
        return _matrix(staff, limit, term_days, reasons)
    if isinstance(declaration, Together):
        seats = [_shared_seat(part, staff) for part in declaration.parts]
        why = [_why(part, staff) for part in declaration.parts]
        title = ONE_OF_SEVERAL if declaration.mode is Mode.ANY else COUNTERSIGN
        return [DraftLevel(title, declaration.mode, declaration.quorum, seats, reasons=why)]
    why = [_why(declaration, staff)]
    seat = _shared_seat(declaration, staff)
    if isinstance(declaration, ByPerson) or declaration.mode is Mode.ANY:
        return [DraftLevel(seat.name, Mode.ANY, None, [seat], role=seat.role, reasons=why)]
    own = [DraftSeat(person.name, seat.role, [person], personal=True) for person in seat.people]
    return [DraftLevel(seat.name, declaration.mode, declaration.quorum, own, role=seat.role, reasons=why)]


def _shared_seat(part: ByRole | ByDepartment | ByPerson, staff: Staff) -> DraftSeat:
    if isinstance(part, ByRole):
        return DraftSeat(part.role.label, part.role, staff.holders(part.role, part.department))
    if isinstance(part, ByDepartment):
        return DraftSeat(part.department.label, None, staff.members(part.department))
    return DraftSeat(NAMED_PERSON, None, staff.named(part.person_id), wanted_id=part.person_id)


def _why(part: ByRole | ByDepartment | ByPerson, staff: Staff) -> Reason:
    if isinstance(part, ByRole):
        department = staff.department_of(part.role, part.department)
        if department is None:
            return because("routing.by_role", role=part.role)
        return because("routing.by_role_in_department", role=part.role, department=department)
    if isinstance(part, ByDepartment):
        return because("routing.by_department", department=part.department)
    return because("routing.by_person")


def _matrix(staff: Staff, limit: Decimal | None, term_days: int | None, reasons: list[Reason]) -> list[DraftLevel]:
    """The deciding level by the stricter of limit and term; those below it, and extra signers, sign first (C)."""
    policy = staff.policy
    wanted: list[Role] = []
    if limit is not None:
        limit = limit.quantize(FEN)
        limits = [(rung.role, rung.up_to) for rung in policy.by_limit]
        wanted.append(_rung(limits, limit, "limit", reasons))
    if term_days is not None:
        terms = [(rung.role, rung.up_to_days) for rung in policy.by_term]
        wanted.append(_rung(terms, term_days, "term", reasons))
    if not wanted:
        raise ValueError("the approval matrix needs a credit limit or a payment term")
    top = max(wanted, key=policy.authority.index)
    if len(set(wanted)) > 1:
        reasons.append(because("routing.stricter", role=top))
    below = policy.authority[: policy.authority.index(top)]
    levels = [_authority(role, "routing.below_sign_first", staff) for role in below]
    return [*levels, *_extra_signers(staff, limit), _authority(top, "routing.decides", staff)]


def _rung(
    rungs: Sequence[tuple[Role, Decimal | int | None]], value: Decimal | int, measure: str, reasons: list[Reason]
) -> Role:
    """The role whose rung ``value`` lies on, with the matching band put among the reasons."""
    passed: Decimal | int | None = None
    for role, end in rungs:
        if end is not None and value <= end:
            reasons.append(because(f"routing.{measure}_band", **{measure: value, "up_to": end, "role": role}))
            return role
        if end is None:
            break
        passed = end
    role = rungs[-1][0]
    if passed is None:
        reasons.append(because(f"routing.{measure}_any", **{measure: value, "role": role}))
    else:
        reasons.append(because(f"routing.{measure}_above", **{measure: value, "above": passed, "role": role}))
    return role


def _authority(role: Role, code: str, staff: Staff) -> DraftLevel:
    seat = DraftSeat(role.label, role, staff.holders(role))
    return DraftLevel(role.label, Mode.ANY, None, [seat], role=role, reasons=[because(code, role=role)])


def _extra_signers(staff: Staff, limit: Decimal | None) -> list[DraftLevel]:
    return [
        DraftLevel(
            COUNTERSIGN,
            extra.mode,
            None,
            [DraftSeat(role.label, role, staff.holders(role)) for role in extra.roles],
            reasons=[because("routing.also_sign", limit=limit, above=extra.above)],
        )
        for extra in staff.policy.also_sign_above
        if limit is not None and limit > extra.above
    ]


__all__ = [
    "DECLARATION",
    "ByDepartment",
    "ByMatrix",
    "ByPerson",
    "ByRole",
    "Candidate",
    "Declaration",
    "InSequence",
    "LeftOut",
    "NobodyCanSign",
    "Route",
    "RouteLevel",
    "Seat",
    "Signer",
    "Together",
    "route",
]
