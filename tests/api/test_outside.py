"""Somebody outside signs: by their link and their code, the very text they saw, once; and nobody else does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from config.words import ActorKind
from models.operations.outside_answers import MOST_CODES, MOST_WRONG_CODES
from models.operations.papers import write_paper
from models.tables import Signal
from tests.outsiders import MA_JIANGUO, Mailbox, asks_to_sign, link_now, minutes, signatures

SIGNS = {"answer": "sign", "name": "马建国", "capacity": "法定代表人", "agreed": "true"}
DECLINES = {"answer": "decline", "reason": "首期金额与口头约定不符。"}


class Outsider:
    """A browser somewhere else, with the mail that came."""

    def __init__(self, office: Any, read_forms: Callable[[str], dict[str, dict[str, str]]], **asked: Any) -> None:
        self.office, self.read_forms = office, read_forms
        self.mail = Mailbox(office.house)
        self.browser = office.new_browser()
        self.ref = office.apply()
        self.paper, self.link = asks_to_sign(office.house, self.ref, **asked)

    def page(self) -> Any:
        return self.browser.get(self.mail.link())

    def form(self) -> dict[str, str]:
        return self.read_forms(self.page().text)["outside"]

    def asks_for_code(self, **typed: str) -> Any:
        return self.browser.post(f"{self.mail.link()}/code", data={**self.form(), **typed})

    def sends(self, answer: dict[str, str], code: str) -> Any:
        return self.browser.post(self.mail.link(), data={**self.form(), **answer, "_code": code})

    def signs(self) -> Any:
        self.asks_for_code()
        return self.sends(SIGNS, self.mail.code())


@pytest.fixture
def outsider(office: Any, read_forms: Any) -> Outsider:
    return Outsider(office, read_forms)


def test_a_client_signs_by_link_and_code_the_very_text_they_saw(outsider: Outsider) -> None:
    answered = outsider.signs()
    assert answered.status_code == 303
    assert "您的答复已记录" in outsider.browser.get(outsider.mail.link()).text
    (signature,) = signatures(outsider.office.house)
    assert (signature.name, signature.capacity, signature.via) == ("马建国", "法定代表人", "outside")
    assert signature.content_hash == minutes().content_hash()
    with outsider.office.house.read() as session:
        kept = session.exec(select(Signal).where(Signal.case_ref == outsider.ref)).one()
    assert (kept.event, kept.payload["signed"], kept.payload["paper"]) == ("client-answered", True, outsider.paper.id)
    (event,) = outsider.office.events("paper.signed")
    assert event.actor_kind is ActorKind.OUTSIDE


def test_a_client_declines_and_says_why(outsider: Outsider) -> None:
    outsider.asks_for_code()
    assert outsider.sends(DECLINES, outsider.mail.code()).status_code == 303
    assert signatures(outsider.office.house) == []
    with outsider.office.house.read() as session:
        kept = session.exec(select(Signal).where(Signal.case_ref == outsider.ref)).one()
    assert kept.payload["signed"] is False
    assert kept.payload["reason"] == DECLINES["reason"]


def test_opening_the_page_changes_nothing_and_is_noted_once(outsider: Outsider) -> None:
    path = outsider.mail.link()
    outsider.browser.head(path)
    assert outsider.office.events("outside.opened") == []
    assert outsider.page().status_code == 200
    assert outsider.page().status_code == 200
    assert len(outsider.office.events("outside.opened")) == 1
    assert link_now(outsider.office.house, outsider.link).used_at is None


def test_an_outsider_sees_the_paper_and_nothing_of_the_house(outsider: Outsider) -> None:
    shown = outsider.page().text
    assert "客户确认欠款 1,240,000.00 元" in shown
    assert minutes().content_hash() in shown
    for inside in (outsider.ref, "/cases", "/sign-in", "李娜", "li.na", "待我办理", "客户风险", MA_JIANGUO):
        assert inside not in shown, inside


def test_the_page_speaks_the_language_of_whom_it_is_for_until_they_switch(outsider: Outsider) -> None:
    path = outsider.mail.link()
    assert "获取验证码" in outsider.browser.get(path).text
    assert "Send me the code" in outsider.browser.get(f"{path}?lang=en").text


def test_what_was_typed_stays_when_a_code_is_asked_for(outsider: Outsider) -> None:
    page = outsider.asks_for_code(name="马建国（总经理）")
    assert page.status_code == 200
    assert "m***@hengtong.example" in page.text
    assert outsider.read_forms(page.text)["outside"]["name"] == "马建国（总经理）"


def test_without_the_code_nothing_is_taken(outsider: Outsider) -> None:
    for code in ("", "123456"):
        refused = outsider.sends(SIGNS, code)
        assert refused.status_code == 422
    assert signatures(outsider.office.house) == []


def test_a_code_may_be_typed_with_blanks_and_in_full_width(outsider: Outsider) -> None:
    outsider.asks_for_code()
    code = outsider.mail.code()
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert outsider.sends(SIGNS, f"{wide[:3]} {wide[3:]}").status_code == 303


def test_a_code_is_good_for_ten_minutes(outsider: Outsider, clock: Any) -> None:
    outsider.asks_for_code()
    code = outsider.mail.code()
    clock.now += timedelta(minutes=10)
    refused = outsider.sends(SIGNS, code)
    assert refused.status_code == 422
    assert "验证码已过期" in refused.text


def test_five_wrong_codes_lock_the_link_and_the_handler_is_told(outsider: Outsider) -> None:
    path = outsider.mail.link()
    outsider.asks_for_code()
    right = outsider.mail.code()
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    form = outsider.form()
    for left in range(MOST_WRONG_CODES - 1, 0, -1):
        refused = outsider.browser.post(path, data={**form, **SIGNS, "_code": wrong})
        assert f"还可尝试 {left} 次" in refused.text
    last = outsider.browser.post(path, data={**form, **SIGNS, "_code": wrong})
    assert last.status_code == 410
    late = outsider.browser.post(path, data={**form, **SIGNS, "_code": right})
    assert late.status_code == 410
    assert "已被锁定" in late.text
    assert signatures(outsider.office.house) == []
    (told,) = outsider.mail.fetch("outside_needs")
    assert told.person_id == "li.na"


def test_no_more_than_five_codes_are_sent(outsider: Outsider, clock: Any) -> None:
    for _ in range(MOST_CODES):
        assert outsider.asks_for_code().status_code == 200
        outsider.mail.code()
        clock.now += timedelta(minutes=2)
    refused = outsider.asks_for_code()
    assert refused.status_code == 409
    assert len(outsider.mail.fetch("outside_code")) == MOST_CODES


def test_a_code_asked_for_twice_within_a_minute_is_one(outsider: Outsider) -> None:
    outsider.asks_for_code()
    first = outsider.mail.code()
    outsider.asks_for_code()
    assert outsider.mail.code() == first
    assert link_now(outsider.office.house, outsider.link).codes_sent == 1


def test_the_same_answer_twice_is_one_signature_and_another_is_refused(outsider: Outsider) -> None:
    outsider.asks_for_code()
    sent = {**outsider.form(), **SIGNS, "_code": outsider.mail.code()}
    path = outsider.mail.link()
    assert outsider.browser.post(path, data=sent).status_code == 303
    assert outsider.browser.post(path, data=sent).status_code == 303
    other = outsider.browser.post(path, data={**sent, **DECLINES, "name": "", "agreed": ""})
    assert other.status_code == 409
    assert "以首次提交为准" in other.text
    assert len(signatures(outsider.office.house)) == 1


def test_a_text_that_has_changed_cannot_be_signed_by_the_old_link(outsider: Outsider) -> None:
    outsider.asks_for_code()
    sent = {**outsider.form(), **SIGNS, "_code": outsider.mail.code()}
    path = outsider.mail.link()
    with outsider.office.house.work() as work:
        write_paper(work, outsider.ref, "reception-minutes", "1", minutes(title="接待纪要（修订）"))
    refused = outsider.browser.post(path, data=sent)
    assert refused.status_code == 409
    assert "文本已有改动" in refused.text
    assert "客户确认欠款" not in refused.text
    assert signatures(outsider.office.house) == []


def test_an_expired_link_says_so_and_shows_nothing(outsider: Outsider, clock: Any) -> None:
    path = outsider.mail.link()
    clock.now += timedelta(days=14)
    gone = outsider.browser.get(path)
    assert gone.status_code == 410
    assert "链接已过期" in gone.text
    assert "客户确认欠款" not in gone.text
    assert "/sign-in" not in gone.text


@pytest.mark.parametrize("token", ["x", "unsent:0123456789abcdef", "..%2f..%2fetc", "A" * 3000, "%00"])
def test_a_guessed_link_opens_nothing(outsider: Outsider, token: str) -> None:
    gone = outsider.browser.get(f"/o/{token}", headers={"accept-language": "en"})
    assert gone.status_code in (404, 410)
    assert "马建国" not in gone.text


def test_a_form_of_somebody_elses_making_is_refused(outsider: Outsider) -> None:
    outsider.asks_for_code()
    sent = {**SIGNS, "_code": outsider.mail.code(), "_csrf": "forged"}
    assert outsider.browser.post(outsider.mail.link(), data=sent).status_code == 403
    strange = {**sent, "_csrf": outsider.form()["_csrf"]}
    assert outsider.office.new_browser().post(outsider.mail.link(), data=strange).status_code == 403
    assert signatures(outsider.office.house) == []


def test_a_huge_body_is_refused_before_it_is_read(outsider: Outsider) -> None:
    sent = {**outsider.form(), **DECLINES, "reason": "长" * 1_000_000}
    assert outsider.browser.post(outsider.mail.link(), data=sent).status_code == 413


def test_a_signature_needs_a_name_and_agreement(outsider: Outsider) -> None:
    outsider.asks_for_code()
    refused = outsider.sends({**SIGNS, "agreed": ""}, outsider.mail.code())
    assert refused.status_code == 422
    assert "勾选同意" in refused.text
    assert outsider.sends(SIGNS, outsider.mail.code()).status_code == 303  # the code is still good


def test_markup_in_names_and_texts_is_text(office: Any, read_forms: Any) -> None:
    evil = "<script>alert(1)</script>"
    outsider = Outsider(office, read_forms, text=minutes(title=evil, issuer=evil))
    assert evil not in outsider.page().text
    assert "&lt;script&gt;" in outsider.page().text


def test_the_client_may_keep_the_paper_as_a_word_file_while_it_is_open(outsider: Outsider) -> None:
    path = outsider.mail.link()
    file = outsider.browser.get(f"{path}/paper.docx")
    assert file.content.startswith(b"PK")
    outsider.signs()
    assert outsider.browser.get(f"{path}/paper.docx").status_code == 410


# -- without a mail address ------------------------------------------------------------------------------------------


def test_without_mail_the_handler_passes_the_link_on_and_reads_the_code_out(office: Any, read_forms: Any) -> None:
    outsider = Outsider(office, read_forms, email=None)
    assert outsider.mail.fetch("outside_invited") == []
    assert [told.person_id for told in outsider.mail.fetch("outside_needs")] == ["li.na"]
    desk = office.sign_in("li.na")
    case_page = desk.get(f"/cases/{outsider.ref}").text
    assert "马建国" in case_page
    move = read_forms(case_page)[f"outside-{outsider.link.id}"]
    shown = desk.post(f"/outside/{outsider.link.id}/hand-over", data=move)
    address = shown.text.split('id="secret">')[1].split("<")[0]
    path = address.removeprefix(office.house.settings.base_url)
    form = read_forms(outsider.browser.get(path).text)["outside"]
    assert "电话告知" in outsider.browser.post(f"{path}/code", data=form).text
    read_out = desk.post(f"/outside/{outsider.link.id}/read-code", data=move).text
    code = read_out.split('id="secret">')[1].split("<")[0]
    assert outsider.browser.post(path, data={**form, **SIGNS, "_code": code}).status_code == 303
    assert len(signatures(office.house)) == 1
    assert len(office.events("outside.code-read-out")) == 1


def test_a_code_that_goes_by_mail_is_shown_to_nobody_here(outsider: Outsider) -> None:
    outsider.asks_for_code()
    desk = outsider.office.sign_in("li.na")
    move = outsider.read_forms(desk.get(f"/cases/{outsider.ref}").text)[f"outside-{outsider.link.id}"]
    assert desk.post(f"/outside/{outsider.link.id}/read-code", data=move).status_code == 409


def test_sending_again_makes_the_link_before_worthless(outsider: Outsider) -> None:
    before = outsider.mail.link()
    desk = outsider.office.sign_in("li.na")
    move = outsider.read_forms(desk.get(f"/cases/{outsider.ref}").text)[f"outside-{outsider.link.id}"]
    assert desk.post(f"/outside/{outsider.link.id}/resend", data=move).status_code == 303
    assert outsider.mail.link() != before
    assert outsider.browser.get(before).status_code == 410
    assert outsider.page().status_code == 200


def locked_out(outsider: Outsider) -> None:
    outsider.asks_for_code()
    wrong = f"{(int(outsider.mail.code()) + 1) % 1_000_000:06d}"
    path, form = outsider.mail.link(), outsider.form()
    for _ in range(MOST_WRONG_CODES):
        outsider.browser.post(path, data={**form, **SIGNS, "_code": wrong})


def asked_anew(outsider: Outsider) -> Any:
    desk = outsider.office.sign_in("li.na")
    page = desk.get(f"/cases/{outsider.ref}").text
    move = outsider.read_forms(page)[f"outside-anew-{outsider.link.id}"]
    return desk.post(f"/outside/{outsider.link.id}/anew", data=move)


def test_whoever_was_locked_out_is_asked_by_a_new_link(outsider: Outsider) -> None:
    before = outsider.mail.link()
    locked_out(outsider)
    assert asked_anew(outsider).status_code == 303
    assert outsider.mail.link() != before
    assert outsider.signs().status_code == 303
    assert outsider.browser.get(before).status_code == 410
    assert len(signatures(outsider.office.house)) == 1


def test_a_link_without_any_codes_left_is_replaced(outsider: Outsider, clock: Any) -> None:
    before = outsider.mail.link()
    for _ in range(MOST_CODES):
        outsider.asks_for_code()
        outsider.mail.code()
        clock.now += timedelta(minutes=2)
    assert asked_anew(outsider).status_code == 303
    assert outsider.browser.get(before).status_code == 410
    assert outsider.signs().status_code == 303


def test_nobody_is_asked_anew_for_a_text_that_has_changed(outsider: Outsider) -> None:
    locked_out(outsider)
    with outsider.office.house.work() as work:
        write_paper(work, outsider.ref, "reception-minutes", "1", minutes(title="接待纪要（修订）"))
    assert asked_anew(outsider).status_code == 409


def test_only_those_who_look_after_the_case_see_and_move_its_invitations(outsider: Outsider) -> None:
    desk = outsider.office.sign_in("li.na")
    move = outsider.read_forms(desk.get(f"/cases/{outsider.ref}").text)[f"outside-{outsider.link.id}"]
    colleague = outsider.office.sign_in("sun.tao")
    forged = {**move, "_csrf": outsider.read_forms(colleague.get("/cases").text)["/sign-out"]["_csrf"]}
    assert colleague.post(f"/outside/{outsider.link.id}/hand-over", data=forged).status_code in (403, 404)
    manager = outsider.office.sign_in("xu.ming")
    assert f"outside-{outsider.link.id}" not in manager.get(f"/cases/{outsider.ref}").text


def test_a_link_that_opens_nothing_names_the_company_and_no_code(office: Any) -> None:
    house = office.house
    object.__setattr__(house, "settings", house.settings.model_copy(update={"company": "徐州恒远物资有限公司"}))
    page = office.new_browser().get("/o/nonsense")
    assert page.status_code == 410
    assert "徐州恒远物资有限公司" in page.text
    assert "410" not in page.text
