"""Somebody outside with a mailbox: minutes to sign, the link and the code as they really arrive."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import select

from config.words import Language
from models.house import House
from models.operations.outside import invite, outside_party
from models.operations.papers import write_paper
from models.papers import Fact, PaperTable, PaperText, Section, Signatory
from models.tables import OutsideLink, OutsideParty, Paper, PaperSignature
from notifications.channels import Envelope
from notifications.sender import Sender

MA_JIANGUO = "ma.jianguo@hengtong.example"


def minutes(**changes: Any) -> PaperText:
    """The minutes of a talk with a steel trader who owes 1,240,000.00 since March."""
    given: dict[str, Any] = {
        "language": Language.ZH_CN,
        "title": "风险客户接待纪要",
        "issuer": "恒远供应链管理有限公司",
        "addressee": ("徐州恒通钢材贸易有限公司",),
        "place_and_date": "徐州，2026年3月10日",
        "facts": (Fact(label="客户", value="徐州恒通钢材贸易有限公司"),),
        "sections": (
            Section(
                heading="一、达成的一致",
                paragraphs=("客户确认欠款 1,240,000.00 元，分三期支付。",),
                points=("四月底前支付首期。", "余款六月底前付清。"),
                table=PaperTable(head=("期数", "金额"), rows=(("1", "440,000.00"), ("2", "800,000.00")), figures=(1,)),
            ),
        ),
        "signatories": (
            Signatory(name="陈宇", capacity="风险专员", person_id="chen.yu"),
            Signatory(name="马建国", capacity="客户代表"),
        ),
    }
    return PaperText(**{**given, **changes})


@dataclass
class Mailbox:
    """What arrives outside, and at staff's, in development: one console for all."""

    house: House
    name: str = "console"
    deduplicates: bool = False
    sent: list[Envelope] = field(default_factory=list)

    def send(self, envelope: Envelope) -> None:
        self.sent.append(envelope)

    def remembers(self, message_id: str) -> bool | None:
        return any(one.message_id == message_id for one in self.sent)

    def fetch(self, kind: str) -> list[Envelope]:
        """Let everything due be delivered; what has arrived of one kind."""
        Sender(self.house, {self.name: self}, threads=1).send_due()
        return [one for one in self.sent if one.kind == kind]

    def link(self) -> str:
        """The path behind the link that came last."""
        link = self.fetch("outside_invited")[-1].link
        assert link is not None
        return link.removeprefix(self.house.settings.base_url)

    def code(self) -> str:
        """The one-time code that came last."""
        found = re.search(r"^\d{6}$", self.fetch("outside_code")[-1].text, re.MULTILINE)
        assert found
        return found[0]


def asks_to_sign(
    house: House, ref: str, text: PaperText | None = None, email: str | None = MA_JIANGUO
) -> tuple[Paper, OutsideLink]:
    """The minutes are written and Ma Jianguo is asked to sign them."""
    with house.work() as work:
        paper = write_paper(work, ref, "reception-minutes", "1", text or minutes())
        party = outside_party(work, None, "马建国", email, "13805201234", Language.ZH_CN)
        link = invite(work, party, "sign-paper", case_ref=ref, paper=paper, given={"capacity": "客户代表"})
    return paper, link


def link_now(house: House, link: OutsideLink) -> OutsideLink:
    """The invitation as it stands."""
    with house.read() as session:
        return session.get_one(OutsideLink, link.id)


def signatures(house: House) -> list[PaperSignature]:
    with house.read() as session:
        return list(session.exec(select(PaperSignature)).all())


def parties(house: House) -> list[OutsideParty]:
    with house.read() as session:
        return list(session.exec(select(OutsideParty)).all())
