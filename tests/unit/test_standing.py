"""How a level stands, by properties: whatever the order of the signatures, the same comes of them."""

from hypothesis import given
from hypothesis import strategies as st

from config.words import ActionKind, Mode, Place, SignerState
from models.rules.signing import RouteLevel, Seat
from models.rules.standing import Come, OnLevel, standing

KINDS = st.sampled_from([ActionKind.APPROVE, ActionKind.REJECT, None])


def level(mode: Mode, seats: int, quorum: int | None = None) -> RouteLevel:
    return RouteLevel(
        title="Level", mode=mode, quorum=quorum, seats=tuple(Seat(name=f"s{n}", candidates=()) for n in range(seats))
    )


def place(number: int, kind: ActionKind | None, **more: object) -> OnLevel:
    state = SignerState.ASKED if kind is None else SignerState.SIGNED
    given_more = {"seat": f"s{number}", **more}
    return OnLevel(id=number + 1, state=state, kind=kind, **given_more)  # type: ignore[arg-type]


@st.composite
def levels(draw: st.DrawFn) -> tuple[RouteLevel, list[OnLevel]]:
    seats = draw(st.integers(1, 5))
    mode = draw(st.sampled_from(Mode))
    quorum = draw(st.integers(1, seats)) if mode is Mode.QUORUM else None
    return level(mode, seats, quorum), [place(n, draw(KINDS)) for n in range(seats)]


@given(levels(), st.randoms(), st.booleans())
def test_the_order_of_signatures_does_not_matter(given_: tuple[RouteLevel, list[OnLevel]], rng, waits: bool) -> None:  # type: ignore[no-untyped-def]
    one, places = given_
    mixed = list(places)
    rng.shuffle(mixed)
    assert standing(one, places, rejection_waits=waits).come is standing(one, mixed, rejection_waits=waits).come


@given(levels())
def test_a_rejection_at_once_ends_whatever_else_was_signed(given_: tuple[RouteLevel, list[OnLevel]]) -> None:
    one, places = given_
    rejected = any(p.kind is ActionKind.REJECT for p in places)
    assert (standing(one, places).come is Come.REJECTED) == rejected


@given(levels())
def test_a_level_passes_when_as_many_seats_approve_as_its_mode_needs(given_: tuple[RouteLevel, list[OnLevel]]) -> None:
    one, places = given_
    approvals = sum(p.kind is ActionKind.APPROVE for p in places)
    if not any(p.kind is ActionKind.REJECT for p in places):
        assert (standing(one, places).come is Come.PASSED) == (approvals >= one.needed)


@given(levels())
def test_when_rejection_waits_everybody_is_heard_and_then_it_is_decided(
    given_: tuple[RouteLevel, list[OnLevel]],
) -> None:
    one, places = given_
    come = standing(one, places, rejection_waits=True).come
    if all(p.signed for p in places):
        approvals = sum(p.kind is ActionKind.APPROVE for p in places)
        assert come is (Come.PASSED if approvals >= one.needed else Come.REJECTED)
    else:
        assert come is not Come.REJECTED


@given(st.sampled_from(Place), KINDS, KINDS)
def test_an_added_signer_is_always_needed(where: Place, mine: ActionKind | None, theirs: ActionKind | None) -> None:
    places = [place(0, mine), place(1, theirs, seat="added", added_by=1, where=where)]
    come = standing(level(Mode.ANY, 1), places).come
    assert (come is Come.PASSED) == (mine is theirs is ActionKind.APPROVE)


def test_turns_are_kept_around_an_added_signer() -> None:
    waiting = SignerState.WAITING
    before = OnLevel(2, "added", waiting, added_by=1, where=Place.BEFORE)
    now = standing(level(Mode.ANY, 1), [place(0, None), before])
    assert (now.ask, now.hold) == ((2,), (1,))
    after = OnLevel(2, "added", waiting, added_by=1, where=Place.AFTER)
    assert standing(level(Mode.ANY, 1), [place(0, None), after]).ask == ()
    assert standing(level(Mode.ANY, 1), [place(0, ActionKind.APPROVE), after]).ask == (2,)


def test_a_seat_that_is_signed_releases_its_others_with_their_delegates_and_added_signers() -> None:
    other = OnLevel(2, "s0", SignerState.DELEGATED)
    delegate = OnLevel(3, "s0", SignerState.ASKED, delegate_of=2)
    third = OnLevel(4, "s0", SignerState.ASKED)
    added = OnLevel(5, "added", SignerState.ASKED, added_by=4, where=Place.BESIDE)
    now = standing(level(Mode.ALL, 2), [place(0, ActionKind.APPROVE), other, delegate, third, added, place(5, None)])
    assert now.release == (2, 3, 4, 5)
