"""What has become of the places on a step's route: transferred, delegated, added, stood in for; in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from config.languages import N_
from config.words import Place, SignerState
from models.queries.shown import Read, Sentence
from models.tables import Case, Signer

ADDED = {
    Place.BEFORE: N_("added by {name}, to sign first"),
    Place.BESIDE: N_("added by {name}, to sign at the same time"),
    Place.AFTER: N_("added by {name}, to sign afterwards"),
}
MINE = {
    Place.BEFORE: N_("{name} has asked you to sign first."),
    Place.BESIDE: N_("{name} has asked you to sign too."),
    Place.AFTER: N_("{name} has asked you to sign after them."),
}


class Became(Read):
    """What has become of a place, and since when."""

    sentence: Sentence
    at: datetime | None = None


class AddedByMe(Read):
    """Somebody whom the reader has added and may take off the route again."""

    signer_id: int
    name: str


class Places:
    """The places of one step, with the names of the people they are about."""

    def __init__(self, signers: Sequence[Signer], names: Mapping[str, str]) -> None:
        self._signers, self._names = signers, names
        self._by_id = {signer.id: signer for signer in signers}

    @property
    def names(self) -> Mapping[str, str]:
        """Names by id, of everybody these places have to do with."""
        return self._names

    def name(self, person_id: str | None) -> str:
        return self._names.get(person_id or "", person_id or "")

    def holder(self, signer_id: int | None) -> str:
        """The name of whoever holds a place."""
        signer = self._by_id.get(signer_id)
        return self.name(signer.person_id) if signer else ""

    def adder(self, signer: Signer) -> str:
        """The name of whoever added ``signer``; a place that was transferred since has had other holders."""
        place = self._by_id.get(signer.added_by)
        while place is not None and place.took_over_from is not None and (place.id or 0) > (signer.id or 0):
            place = self._by_id.get(place.took_over_from)
        return self.name(place.person_id) if place else ""

    def delegate(self, signer: Signer) -> Signer | None:
        """Who works out the answer for ``signer`` just now."""
        asked = (s for s in self._signers if s.delegated_by == signer.id and s.state is SignerState.ASKED)
        return next(asked, None)

    def notes(self, signer: Signer) -> tuple[Sentence, ...]:
        """How ``signer`` came to the route and what became of it, as it is told to everyone."""
        return tuple(self._notes(signer))

    def _notes(self, signer: Signer) -> Iterator[Sentence]:
        if signer.for_person_id:
            yield _say(N_("stands in for {name}, who is absent"), name=self.name(signer.for_person_id))
        if signer.took_over_from:
            yield _say(N_("took over from {name}"), name=self.holder(signer.took_over_from))
        elif signer.added_by and signer.added_where:
            yield _say(ADDED[signer.added_where], name=self.adder(signer))
        if signer.delegated_by:
            yield _say(N_("works out the answer for {name}"), name=self.holder(signer.delegated_by))
        yield from self._fate(signer)
        explained = signer.state in (SignerState.TRANSFERRED, SignerState.DELEGATED) or signer.added_by is not None
        if signer.moved_because and explained:
            yield _quote(signer.moved_because)

    def _fate(self, signer: Signer) -> Iterator[Sentence]:
        if signer.state is SignerState.TRANSFERRED:
            yield _say(N_("transferred to {name}"), name=self._successor(signer))
        elif signer.state is SignerState.DELEGATED and (delegate := self.delegate(signer)):
            yield _say(N_("delegated to {name}"), name=self.name(delegate.person_id))
        elif signer.advice and signer.state in (SignerState.ASKED, SignerState.SIGNED):
            yield _say(N_("on the proposal of {name}"), name=self.name(str(signer.advice.get("person_id"))))

    def _successor(self, signer: Signer) -> str:
        taken = next((s for s in self._signers if s.took_over_from == signer.id), None)
        return self.name(taken.person_id) if taken else ""

    def came(self, signer: Signer) -> tuple[Sentence, ...]:
        """How the step came to its reader, if not by their turn, and what was said with it."""
        if signer.for_person_id:
            absent = self.name(signer.for_person_id)
            return (_say(N_("You stand in for {name}, who is absent. Both of you will be on record."), name=absent),)
        if signer.delegated_by:
            told = N_("{name} has delegated this to you; your answer goes back to them.")
            return self._told(told, self.holder(signer.delegated_by), self._because(signer.delegated_by))
        if signer.took_over_from:
            told = N_("{name} has transferred this to you.")
            return self._told(told, self.holder(signer.took_over_from), self._because(signer.took_over_from))
        if signer.added_by and signer.added_where:
            return self._told(MINE[signer.added_where], self.adder(signer), signer.moved_because or "")
        return ()

    def _because(self, signer_id: int) -> str:
        before = self._by_id.get(signer_id)
        return (before.moved_because or "") if before else ""

    def _told(self, message: str, by: str, because: str) -> tuple[Sentence, ...]:
        said = (_quote(because),) if because else ()
        return (_say(message, name=by), *said)

    def became(self, signer: Signer, reader_id: str) -> Became | None:
        """What has become of the reader's place, if they are not asked any more."""
        if signer.person_id != reader_id:
            return _became(N_("{name} stands in for you at this step."), self.name(signer.person_id), signer)
        if signer.state is SignerState.TRANSFERRED:
            taken = next((s for s in self._signers if s.took_over_from == signer.id), None)
            return _became(N_("You have transferred this step to {name}."), self._successor(signer), taken)
        if signer.state is SignerState.DELEGATED and (delegate := self.delegate(signer)):
            told = N_("You have delegated this step to {name}. The answer comes back to you.")
            return _became(told, self.name(delegate.person_id), delegate)
        if signer.state is SignerState.ADVISED:
            told = N_("Your answer has gone to {name}, who confirms it or answers otherwise.")
            return Became(sentence=_say(told, name=self.holder(signer.delegated_by)), at=signer.signed_at)
        if signer.state is SignerState.REMOVED and signer.delegated_by:
            return _became(N_("{name} has taken this step back."), self.holder(signer.delegated_by))
        if signer.state is SignerState.REMOVED:
            return _became(N_("{name} has taken you off the route again."), self.holder(signer.added_by))
        return _became(N_("Your signature is not needed any more.")) if signer.state is SignerState.RELEASED else None

    def added_by(self, signer: Signer) -> tuple[AddedByMe, ...]:
        """Whom the holder of ``signer`` may take off the route again."""
        unsigned = (SignerState.ASKED, SignerState.WAITING, SignerState.DELEGATED)
        return tuple(
            AddedByMe(signer_id=s.id or 0, name=self.name(s.person_id))
            for s in self._signers
            if s.added_by == signer.id and s.state in unsigned
        )


def named(case: Case) -> set[str]:
    """Who started the case, if a member of staff did, and who handles it."""
    return {person_id for person_id in (case.initiator_id, case.handler_id) if person_id is not None}


def people_of(signers: Sequence[Signer]) -> set[str]:
    """Everyone whom the places are about."""
    found = {signer.person_id for signer in signers}
    found |= {signer.for_person_id for signer in signers if signer.for_person_id}
    return found | {str(signer.advice["person_id"]) for signer in signers if signer.advice}


def _say(message: str, **values: str) -> Sentence:
    return Sentence(message=message, values=dict(values))


def _quote(reason: str) -> Sentence:
    return _say(N_("“{reason}”"), reason=reason)


def _became(message: str, name: str = "", taken: Signer | None = None) -> Became:
    sentence = _say(message, name=name) if name else Sentence(message=message)
    return Became(sentence=sentence, at=taken.asked_at if taken else None)
