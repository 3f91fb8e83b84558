"""How papers, people outside, and evidence taken out are told."""

from collections.abc import Mapping
from typing import Any

from config.languages import N_
from models.queries.shown import Sentence
from models.queries.telling import Referred, Teller, plain, saying
from models.rules.reasons import Label


def _about(message: str) -> Teller:
    """A sentence about somebody outside and what they were asked, whose title is translatable."""

    def tell(_case: Referred, data: Mapping[str, Any]) -> Sentence:
        purpose = Label(label=str(data.get("purpose") or "–"))
        return Sentence(message=message, values={"name": str(data.get("name") or "–"), "purpose": purpose})

    return tell


def _signed(_case: Referred, data: Mapping[str, Any]) -> Sentence:
    values = {
        "name": str(data.get("name") or "–"),
        "capacity": Label(label=str(data.get("capacity") or "–")),
        "title": str(data.get("title") or "–"),
        "digits": str(data.get("sha256") or "")[:16],
    }
    return Sentence(message=N_("{name} ({capacity}) signed “{title}” (fingerprint {digits})"), values=values)


TELLERS: dict[str, Teller] = {
    "paper.written": saying(N_("“{title}” was written, version {version}"), "title", "version"),
    "paper.signed": _signed,
    "paper.declined": saying(N_("{name} did not sign: “{reason}”"), "name", "reason"),
    "paper.looked": saying(N_("looked at the paper “{title}”"), "title"),
    "paper.signing-refused": plain(N_("A signature was refused: the text had changed since it was shown")),
    "paper.tampered": plain(N_("A signature was refused: the stored text is not the one that was written")),
    "outside.invited": _about(N_("{name}, outside, is asked: {purpose}")),
    "outside.invited-again": saying(N_("{name}, outside, is asked again"), "name"),
    "outside.handed-over": saying(N_("was shown the link for {name}, to pass it on in person"), "name"),
    "outside.revoked": lambda _case, data: Sentence(
        message=N_("Nobody outside is asked any more: {purpose}"),
        values={"purpose": Label(label=str(data.get("purpose") or "–"))},
    ),
    "outside.opened": saying(N_("{name}, outside, opened the link"), "name"),
    "outside.code-asked": saying(N_("{name}, outside, asked for a one-time code"), "name"),
    "outside.code-read-out": saying(N_("was shown the one-time code to read it to {name}"), "name"),
    "outside.code-wrong": saying(N_("{name}, outside, entered a wrong code ({times})"), "name", "times"),
    "outside.locked": saying(N_("The link of {name} was locked after too many wrong codes"), "name"),
    "outside.answered": _about(N_("{name}, outside, answered: {purpose}")),
    "evidence.exported": lambda _case, data: Sentence(
        message=N_("took out the evidence pack (SHA-256 {digits}…)"), values={"digits": str(data.get("sha256"))[:16]}
    ),
}
