"""Dunning letters: what a debtor is written on each rung of the ladder, in its language (X).

A text for each kind of rung and each language; the figures are put in, the words are fixed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from config.policy.base import Text
from config.words import Language, RungWay
from models.collections import OwedNow
from models.papers import Fact, PaperTable, PaperText, Section, Signatory


@dataclass(frozen=True)
class Wording:
    """The words of one letter; ``{total}``, ``{since}``, ``{by}`` and ``{company}`` are filled in."""

    title: Text
    opening: Text
    demand: Text
    consequence: Text


WORDINGS: dict[RungWay, Wording] = {
    RungWay.REMINDER: Wording(
        title=Text(zh_CN="付款提醒函", en="Payment reminder"),
        opening=Text(
            zh_CN="感谢贵方长期以来的合作。据我方账面记录，下列款项已过约定的付款日期，截至{on}尚有人民币{total}元未到账。",
            en="Thank you for your business. Our books show that the invoices below are past their due dates; "
            "as of {on}, CNY {total} has not reached us.",
        ),
        demand=Text(
            zh_CN="如款项已付，请将付款凭证发送给我方以便核对；如尚未付款，敬请于{by}前付清。",
            en="If you have paid already, please send us the proof of payment. If not, please pay by {by}.",
        ),
        consequence=Text(
            zh_CN="如对上述款项有任何疑问，请及时与贵方的业务联系人沟通。",
            en="If anything about these invoices is unclear, please speak to your account handler.",
        ),
    ),
    RungWay.TELEPHONE: Wording(
        title=Text(zh_CN="对账及付款通知", en="Statement of account"),
        opening=Text(
            zh_CN="截至{on}，贵方逾期未付款项合计人民币{total}元，最早一笔到期日为{since}，明细如下。",
            en="As of {on}, CNY {total} of your account is overdue, the oldest item since {since}, as set out below.",
        ),
        demand=Text(zh_CN="请于{by}前付清上述款项。", en="Please pay these amounts by {by}."),
        consequence=Text(
            zh_CN="如有异议，请书面说明具体发票及理由。",
            en="If you dispute an invoice, please tell us in writing which one, and why.",
        ),
    ),
    RungWay.LETTER: Wording(
        title=Text(zh_CN="催款函", en="Demand for payment"),
        opening=Text(
            zh_CN="截至{on}，贵方尚欠我方到期货款合计人民币{total}元，最早一笔已于{since}到期。我方此前已多次提醒，贵方至今仍未付清。",
            en="As of {on}, you owe us CNY {total} in overdue payments, the oldest since {since}. "
            "We have reminded you before; the amount is still unpaid.",
        ),
        demand=Text(
            zh_CN="现正式函告：请贵方于{by}前将上述款项全额付至我方账户。",
            en="We hereby formally demand payment in full to our account by {by}.",
        ),
        consequence=Text(
            zh_CN="自本函发出之日起，贵方的授信额度暂停使用。逾期仍未付款的，我方将上门催收，并保留依合同约定及法律规定"
            "追究违约责任的权利。如对款项有异议，请于收到本函后七日内书面提出并列明发票号码及理由。",
            en="Your credit line is frozen from the date of this letter. If payment is not made in time we will call "
            "on you in person, and we reserve all rights under the contract and the law. Any objection is to be made "
            "in writing within seven days of receipt, naming the invoice and the reason.",
        ),
    ),
    RungWay.VISIT: Wording(
        title=Text(zh_CN="最后催款通知书", en="Final demand"),
        opening=Text(
            zh_CN="截至{on}，贵方尚欠我方到期货款合计人民币{total}元，最早一笔已于{since}到期，经电话及书面催告仍未付清。",
            en="As of {on}, you owe us CNY {total} in overdue payments, the oldest since {since}, despite our calls "
            "and our written demand.",
        ),
        demand=Text(
            zh_CN="请贵方于{by}前付清全部款项，或当面与我方来访人员商定书面还款安排。",
            en="Please pay in full by {by}, or agree a written repayment arrangement with our visitors.",
        ),
        consequence=Text(
            zh_CN="届时仍未付款亦未达成还款安排的，我方将成立专项清收小组，停止一切交易，并采取委托清收、提起诉讼等措施，"
            "由此产生的费用由贵方承担。",
            en="Failing this we will form a special recovery group, stop all trading, and turn to an agency or to the "
            "courts; the costs will be yours.",
        ),
    ),
    RungWay.SPECIAL_GROUP: Wording(
        title=Text(zh_CN="停止交易及专项清收告知函", en="Notice of special recovery"),
        opening=Text(
            zh_CN="截至{on}，贵方尚欠我方到期货款合计人民币{total}元，最早一笔已于{since}到期。",
            en="As of {on}, you owe us CNY {total} in overdue payments, the oldest since {since}.",
        ),
        demand=Text(
            zh_CN="我方已成立由法务、财务、业务组成的专项清收小组，并自即日起停止与贵方的一切交易。请于{by}前付清全部款项。",
            en="A special group of our legal, finance and business departments now handles the matter, and all trading "
            "with you is stopped from today. Please pay in full by {by}.",
        ),
        consequence=Text(
            zh_CN="逾期我方将不再另行通知，依法采取包括诉讼在内的措施，并视情形将贵方列入我方灰名单或黑名单。",
            en="Without further notice we will then take legal action, and may enter you on our grey or black list.",
        ),
    ),
}

HEAD = {
    Language.ZH_CN: ("发票号码", "到期日", "发票金额（元）", "未付金额（元）", "逾期天数"),
    Language.EN: ("Invoice", "Due on", "Amount (CNY)", "Outstanding (CNY)", "Days overdue"),
}
LABELS = {
    "number": Text(zh_CN="函件编号", en="Letter"),
    "total": Text(zh_CN="逾期未付合计", en="Total overdue"),
    "invoices": Text(zh_CN="逾期款项明细", en="Overdue invoices"),
    "yuan": Text(zh_CN="人民币{total}元", en="CNY {total}"),
    "capacity": Text(zh_CN="（盖章）", en="(company seal)"),
    "to": Text(zh_CN="致：{name}", en="To: {name}"),
}


def dunning_letter(
    way: RungWay,
    language: Language,
    *,
    company: str,
    debtor: str,
    number: str,
    owed: OwedNow,
    pay_by: date,
) -> PaperText:
    """The letter of a rung: what is overdue and undisputed, by when it is to be paid, and what follows otherwise."""
    wording = WORDINGS[way]
    lines = [line for line in owed.invoices if not line.disputed]
    values = {
        "on": written(owed.on, language),
        "since": written(owed.since or owed.on, language),
        "by": written(pay_by, language),
        "total": money(owed.overdue),
        "company": company,
    }

    def told(text: Text) -> str:
        return text.in_(language).format(**values)

    return PaperText(
        language=language,
        title=wording.title.in_(language),
        issuer=company,
        addressee=(LABELS["to"].in_(language).format(name=debtor),),
        place_and_date=values["on"],
        facts=(
            Fact(label=LABELS["number"].in_(language), value=number),
            Fact(label=LABELS["total"].in_(language), value=told(LABELS["yuan"])),
        ),
        sections=(
            Section(paragraphs=(told(wording.opening),)),
            Section(
                heading=LABELS["invoices"].in_(language),
                table=PaperTable(
                    head=HEAD[language],
                    rows=tuple(
                        (
                            line.number,
                            written(line.due_on, language),
                            money(line.amount),
                            money(line.outstanding),
                            str(line.days),
                        )
                        for line in lines
                    ),
                    figures=(2, 3, 4),
                ),
            ),
            Section(paragraphs=(told(wording.demand), told(wording.consequence))),
        ),
        signatories=(Signatory(name=company, capacity=LABELS["capacity"].in_(language)),),
    )


def money(amount: Decimal) -> str:
    """Yuan as a letter writes them."""
    return f"{amount:,.2f}"


def written(day: date, language: Language) -> str:
    """A date as a letter writes it."""
    if language is Language.ZH_CN:
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {day:%B %Y}"
