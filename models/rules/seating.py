"""Seating: leaving out who may not sign, filling empty places, and seeing that nobody sits twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from config.policy import ApprovalPolicy
from config.words import Department, Mode, Role
from models.rules.reasons import Label, Reason, because
from models.rules.signing import Candidate, LeftOut, NobodyCanSign, Route, RouteLevel, Seat, Signer


@dataclass
class DraftSeat:
    """A place being filled. A ``personal`` one exists for one person only and goes with them."""

    name: str
    role: Role | None
    people: list[Candidate]
    personal: bool = False
    wanted_id: str | None = None


@dataclass
class DraftLevel:
    """A level being filled. ``role`` is set where the whole level belongs to one role."""

    title: str
    mode: Mode
    quorum: int | None
    seats: list[DraftSeat]
    role: Role | None = None
    reasons: list[Reason] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def shortage(self) -> int:
        """How many filled seats the level lacks to be completed at all, empty seats not counted."""
        filled = sum(1 for seat in self.seats if seat.people)
        return max(0, (self.quorum or 1) - filled)


@dataclass
class Staff:
    """The people who can be asked, seen from a case of ``department``."""

    people: tuple[Candidate, ...]
    department: Department
    policy: ApprovalPolicy
    barred: dict[str, Reason]

    def department_of(self, role: Role, department: Department | None = None) -> Department | None:
        """Where holders of ``role`` are looked for; ``None`` means in the whole company."""
        if department is None and role in self.policy.of_the_department:
            return self.department
        return department

    def holders(self, role: Role, department: Department | None = None) -> list[Candidate]:
        where = self.department_of(role, department)
        return [p for p in self.people if role in p.roles and where in (None, p.department)]

    def members(self, department: Department) -> list[Candidate]:
        return [person for person in self.people if person.department is department]

    def named(self, person_id: str) -> list[Candidate]:
        return [person for person in self.people if person.person_id == person_id]

    def objections(self) -> dict[str, Reason]:
        """Who may sign nothing in this case, and why."""
        inactive = because("routing.inactive")
        return {person.person_id: inactive for person in self.people if not person.active} | self.barred


def settle(levels: list[DraftLevel], staff: Staff, reasons: list[Reason], policy_version: str) -> Route:
    """The route of the drafted levels.

    Raises:
        NobodyCanSign: a place that must be filled can be filled by nobody.
    """
    seating = _Seating(levels, staff, reasons)
    seating.leave_out_who_may_not_sign()
    if staff.policy.repeat_signer == "skip":
        seating.seat_repeats_once()
    else:
        seating.replace_repeats()
    return Route(
        levels=tuple(_finished(level) for level in seating.levels),
        reasons=tuple(reasons),
        policy_version=policy_version,
        left_out=tuple(seating.left_out),
    )


class _Seating:
    def __init__(self, levels: list[DraftLevel], staff: Staff, reasons: list[Reason]) -> None:
        self.levels = levels
        self.staff = staff
        self.reasons = reasons
        self.left_out: list[LeftOut] = []

    def leave_out_who_may_not_sign(self) -> None:
        """Barred and inactive people go; what is empty then is filled as policy says."""
        objections = self.staff.objections()
        up = self.staff.policy.empty_level == "next_level"
        for level in list(self.levels):
            for seat in level.seats:
                self._note_unknown(level, seat)
                self._keep(level, seat, objections)
            self._fill(level, "empty", objections, self._above if up else self._fallback)
        self._drop_empty_levels()

    def seat_repeats_once(self) -> None:
        """Whoever could sit on several levels sits on the highest: the one who decides has seen the others."""
        seated: dict[str, Reason] = {}
        for i, level in reversed(list(enumerate(self.levels))):
            self._seat(level, seated, self._irreplaceable(self.levels[:i]))
            for seat in [seat for seat in level.seats if not seat.people]:
                level.seats.remove(seat)
                self.reasons.append(because("routing.skipped_repeat", seat=Label(label=seat.name)))
            if level.quorum is not None:
                level.quorum = min(level.quorum, len(level.seats))
            seated |= self._everyone(level, because("routing.signs_higher", level=Label(label=level.title)))
        self._drop_empty_levels()

    def replace_repeats(self) -> None:
        """Whoever sits on a lower level is replaced above by others, in the end by the next level up."""
        seated: dict[str, Reason] = {}
        for i, level in enumerate(list(self.levels)):
            self._seat(level, seated, self._irreplaceable(self.levels[i + 1 :]))
            self._fill(level, "repeat", seated | self.staff.objections(), self._above)
            seated |= self._everyone(level, because("routing.signs_lower", level=Label(label=level.title)))
        self._drop_empty_levels()

    def _seat(self, level: DraftLevel, seated: dict[str, Reason], needed_elsewhere: dict[str, Reason]) -> None:
        """Leave out who is seated already, and who alone can sign elsewhere if others can sign here."""
        for seat in sorted(level.seats, key=lambda seat: len(seat.people)):
            self._keep(level, seat, seated)
            if any(person.person_id not in needed_elsewhere for person in seat.people):
                self._keep(level, seat, needed_elsewhere)
            here = because("routing.signs_same_level", seat=Label(label=seat.name))
            seated.update({person.person_id: here for person in seat.people})

    @staticmethod
    def _everyone(level: DraftLevel, reason: Reason) -> dict[str, Reason]:
        return {person.person_id: reason for seat in level.seats for person in seat.people}

    @staticmethod
    def _irreplaceable(levels: Sequence[DraftLevel]) -> dict[str, Reason]:
        """People who are the only ones for a place on one of these levels."""
        return {
            seat.people[0].person_id: because("routing.needed_elsewhere", level=Label(label=level.title))
            for level in levels
            for seat in level.seats
            if len(seat.people) == 1 and (level.mode is Mode.ALL or len(level.seats) == 1)
        }

    @staticmethod
    def _note_unknown(level: DraftLevel, seat: DraftSeat) -> None:
        if seat.wanted_id is not None and not seat.people:
            unknown = Candidate(seat.wanted_id, seat.wanted_id, Department.MANAGEMENT, frozenset(), active=False)
            level.left_out.append(_left_out(unknown, seat, because("routing.unknown_person")))

    @staticmethod
    def _keep(level: DraftLevel, seat: DraftSeat, objections: Mapping[str, Reason]) -> None:
        """Leave out of ``seat`` everyone to whom there is an objection."""
        out = [person for person in seat.people if person.person_id in objections]
        level.left_out += [_left_out(person, seat, objections[person.person_id]) for person in out]
        seat.people = [person for person in seat.people if person.person_id not in objections]

    def _fill(
        self,
        level: DraftLevel,
        cause: str,
        objections: dict[str, Reason],
        instead: Callable[[Role | None], Sequence[Role]],
    ) -> None:
        """Fill the empty seats that the level cannot do without; the others go."""
        must = [seat for seat in level.seats if not seat.people and level.mode is Mode.ALL and not seat.personal]
        level.seats = [seat for seat in level.seats if seat.people or seat in must]
        for _ in range(level.shortage() - len(must)):
            level.seats.append(extra := DraftSeat(level.title, level.role, []))
            must.append(extra)
        objections = dict(objections)
        for seat in must:
            if not self._fill_seat(level, seat, cause, objections, instead(seat.role)):
                level.seats.remove(seat)
            here = because("routing.signs_same_level", seat=Label(label=seat.name))
            objections.update({person.person_id: here for person in seat.people})

    def _fill_seat(
        self, level: DraftLevel, seat: DraftSeat, cause: str, objections: dict[str, Reason], roles: Sequence[Role]
    ) -> bool:
        """Seat the first of ``roles`` that can sign. False if a later level of that role covers the place anyway."""
        later = self.levels[self.levels.index(level) + 1 :]
        for role in roles:
            if any(above.role is role for above in later):
                self.reasons.append(because(f"routing.{cause}_covered_above", seat=Label(label=seat.name), role=role))
                return False
            substitute = DraftSeat(role.label, role, self.staff.holders(role))
            self._keep(level, substitute, objections)
            if substitute.people:
                level.reasons.append(because(f"routing.{cause}_goes_up", seat=Label(label=seat.name), role=role))
                if len(level.seats) == 1:
                    level.title, level.role = role.label, role
                seat.name, seat.role, seat.people = role.label, role, substitute.people
                return True
        raise NobodyCanSign(seat.name, tuple(self.left_out + [one for each in self.levels for one in each.left_out]))

    def _above(self, role: Role | None) -> list[Role]:
        """The roles above ``role``, lowest first, and at the end the fallback."""
        authority = self.staff.policy.authority
        higher = list(authority[authority.index(role) + 1 :]) if role in authority else []
        return higher + [one for one in self._fallback(role) if one not in higher]

    def _fallback(self, role: Role | None) -> list[Role]:
        fallback = self.staff.policy.fallback_role
        return [] if fallback is role else [fallback]

    def _drop_empty_levels(self) -> None:
        for level in [level for level in self.levels if not level.seats]:
            self.levels.remove(level)
            self.left_out += level.left_out


def _finished(level: DraftLevel) -> RouteLevel:
    return RouteLevel(
        title=level.title,
        mode=level.mode,
        quorum=level.quorum,
        seats=tuple(
            Seat(name=name, candidates=tuple(_signer(person, seat.role) for person in seat.people))
            for name, seat in zip(_own_names(level.seats), level.seats, strict=True)
        ),
        left_out=tuple(level.left_out),
        reasons=tuple(level.reasons),
    )


def _left_out(person: Candidate, seat: DraftSeat, reason: Reason) -> LeftOut:
    return LeftOut(person_id=person.person_id, name=person.name, seat=seat.name, reason=reason)


def _signer(person: Candidate, role: Role | None) -> Signer:
    return Signer(person_id=person.person_id, name=person.name, role=role)


def _own_names(seats: Sequence[DraftSeat]) -> Iterator[str]:
    """A name for each seat; seats of one name are told apart by the people on them, and a named person's is theirs."""
    often = Counter(seat.name for seat in seats)
    called = Counter(person.name for seat in seats for person in seat.people)
    alike = {name: often_called > 1 for name, often_called in called.items()}
    for seat in seats:
        if often[seat.name] == 1:
            yield seat.name
        elif seat.wanted_id is not None and len(seat.people) == 1 and not alike[seat.people[0].name]:
            yield seat.people[0].name
        else:
            yield f"{seat.name} ({', '.join(person.person_id for person in seat.people)})"
