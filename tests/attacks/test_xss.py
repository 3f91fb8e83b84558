"""Whatever anybody writes is shown as it was written, and never becomes part of a page, a mail or a paper."""

from __future__ import annotations

import io
import re
import zipfile
from email import message_from_bytes
from email.policy import default as modern
from importlib import resources
from itertools import product
from xml.etree import ElementTree

import pytest
from sqlmodel import select

from api.forms import form_view
from api.posted import Posted
from api.rendering import Speech, environment
from config.words import Language
from models.forms.base import forms, row_of
from models.messages import MESSAGES
from models.operations.papers import text_of
from models.operations.storytelling import story_of
from models.tables import OutboxMessage, Paper
from notifications.channels import Envelope
from notifications.mail import compose, mail_server
from notifications.papers import as_docx, as_html
from notifications.render import render
from notifications.robots import _POSTS
from tests.attacks.company import Addresses
from tests.attacks.poisoned import LINE, LONG, MARK, RAW, SHORT, every_free_field, is_free
from tests.golden.test_golden_messages import PAYLOADS

LEADS_NOWHERE_ELSE = re.compile(r"^(/(?![/\\])|#|\?|tel:|mailto:|$)")
PREFECT = "http://127.0.0.1:4200/"
"""Prefect's own pages, as the settings name them: operations may go there."""
SAFE_ATTRIBUTE = re.compile(r"^(?!on|style$|srcdoc$)[a-z][a-z0-9:-]*$", re.IGNORECASE)


def harmless(page: str, styled: bool = False) -> None:
    """Nothing that was written has become a tag, an attribute, a script or a way to somewhere else."""
    assert RAW not in page
    drawn = Addresses(page)
    assert not {MARK, "script", "iframe", "object", "embed", "base", "template"} & set(drawn.tags)
    allowed = {"style"} if styled else set()  # mail programs know no style sheets
    assert [name for name in set(drawn.attributes) - allowed if not SAFE_ATTRIBUTE.match(name)] == []


def test_the_attack_really_stands_everywhere(company, wandered):
    """Else the rest would prove nothing."""
    shown = {one.route for one in wandered if MARK in one.answer.text}
    assert len(shown) > 60, sorted(shown)
    assert len(set().union(*(place.filled for place in company))) > 80


def test_every_page_that_can_be_reached_is_whole(wandered):
    broken = [(one.who, one.path, one.answer.status_code) for one in wandered if one.answer.status_code >= 500]
    assert broken == []


def test_nothing_that_was_written_becomes_part_of_a_page(wandered):
    pages = [one for one in wandered if one.kind.startswith("text/html")]
    assert len({one.route for one in pages}) > 70
    for one in pages:
        try:
            harmless(one.answer.text)
        except AssertionError as error:
            raise AssertionError(f"{one.path} as {one.who}: {error}") from None


def test_no_page_leads_anywhere_else(wandered):
    for one in wandered:
        if one.kind.startswith("text/html"):
            elsewhere = [to for to in Addresses(one.answer.text).links if not LEADS_NOWHERE_ELSE.match(to)]
            assert [to for to in elsewhere if not to.startswith(PREFECT)] == [], one.path


def test_every_answer_forbids_scripts_and_guessing_what_it_is(wandered):
    for one in wandered:
        policy = one.answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src" not in policy, "no script at all"
        assert one.answer.headers["x-content-type-options"] == "nosniff"
        assert "charset=utf-8" in one.kind or not one.kind.startswith("text/"), one.path


@pytest.mark.parametrize("name", sorted({form for form, _ in every_free_field()}))
def test_every_form_comes_back_with_what_was_typed_as_text(name, house):
    """Each free field of each form, also those of rows, as it is drawn again after it was refused."""
    form = forms()[name]
    typed = [(f"{field}{rest}", LONG) for field, info in form.model_fields.items() for rest in places(info)]
    if not typed:
        pytest.skip("it has no free text")
    speech = Speech(house, Language.EN).names()
    template = environment().from_string(
        '{% import "_parts.html" as p with context %}{% for f in view.fields %}{{ p.field(f, "x") }}{% endfor %}'
    )
    offers = {field: {"a": "Licence"} for field, info in form.model_fields.items() if keyed(info)}
    prefill = {field: LONG for field, _ in typed if "." not in field} | {name: {"a": LONG} for name in offers}
    drawn = []
    for refused in (None, Posted(typed)):
        view = form_view(form, {**offers, "prefill": prefill}, posted=refused)
        drawn.append(template.render(view=view, language=Language.EN, **speech))
        harmless(drawn[-1])
    assert MARK in drawn[-1]


def keyed(info) -> bool:
    return (is_free(info) and "Mapping" in str(info.annotation)) or "dict" in str(info.annotation)


def places(info):
    row = row_of(info)
    if row is not None:
        return [f".0.{field}" for field, one in row.model_fields.items() if is_free(one)]
    return [] if not is_free(info) else [".a"] if keyed(info) else [""]


# -- messages ---------------------------------------------------------------------------------------------------------


def messages(company):
    for place in company:
        with place.house.read() as session:
            for row in session.exec(select(OutboxMessage)).all():
                for language in Language:
                    yield row, render(
                        row.kind, row.payload, language, "https://risk.example/a/x", SHORT, absent=SHORT, company=SHORT,
                        code="123456",
                    )  # fmt: skip


def test_nothing_that_was_written_becomes_part_of_a_mail(company):
    server, _ = mail_server("mailto://mail.hengyuan.example?from=risk@hengyuan.example")
    kinds = set()
    for row, written in messages(company):
        harmless(written.html, styled=True)
        links = Addresses(written.html).links
        assert set(links) <= {"https://risk.example/a/x", ""}, (row.kind, links)
        assert "\n" not in written.subject
        assert not any(line.strip().startswith(LINE) for line in written.text.splitlines()), row.kind
        kinds.add(row.kind)
        mail = compose(server, "li.na@hengyuan.example", envelope(row, written))
        read = message_from_bytes(mail.as_bytes(), policy=modern)
        assert set(read.keys()) == HEADERS
        assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]
    assert len(kinds) >= 8, sorted(set(MESSAGES) - kinds)


@pytest.mark.parametrize("kind", sorted(MESSAGES))
def test_nothing_in_any_field_of_any_message_becomes_part_of_it(kind):
    """Every text of every kind, one after the other: what is no word of ours is shown as it was written."""
    if not any(PAYLOADS[kind].values()):
        pytest.skip("it carries nothing")
    shown = 0
    for name, payload in sorted(PAYLOADS.items()):
        if name.partition(".")[0] != kind:
            continue
        for language, attacked in product(Language, poisoned_one_by_one(payload)):
            try:
                written = render(
                    kind, attacked, language, "https://risk.example/a/x", SHORT, absent=SHORT, company=SHORT, code="1"
                )
            except (ValueError, LookupError, ArithmeticError):
                continue  # a code, a day or a word of a closed vocabulary: refused before anything is written
            harmless(written.html, styled=True)
            assert "\n" not in written.subject
            assert not any(line.strip().startswith(LINE) for line in written.text.splitlines()), attacked
            shown += MARK in written.html
    assert shown > 0, "else nothing was proven"


def poisoned_one_by_one(value):
    """``value`` again and again, each time with another of its texts replaced by the attack."""
    if isinstance(value, str):
        yield LONG
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from ({**value, key: attacked} for attacked in poisoned_one_by_one(inner))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from ([*value[:place], attacked, *value[place + 1 :]] for attacked in poisoned_one_by_one(inner))


HEADERS = {
    *("Content-Type", "MIME-Version", "From", "To", "Subject", "Date", "Message-ID"),
    *("Auto-Submitted", "X-Auto-Response-Suppress"),
}


def test_a_robot_is_given_plain_text(company):
    """In Markdown a customer's name could hold a link, or call everybody."""
    from models.operations.people import ChannelKind
    from notifications.addresses import service_at

    robots = {
        ChannelKind.WECOM: "wecombot://0123456789abcdef",
        ChannelKind.DINGTALK: "dingtalk://SECa1b2c3@a1b2c3d4e5f6/13800138000",
        ChannelKind.FEISHU: "feishu://a1b2c3d4-e5f6",
    }
    row, written = next(iter(messages(company)))
    for kind, address in robots.items():
        post = _POSTS[kind](service_at(address), envelope(row, written))
        assert "text" in (post.payload.get("msgtype"), post.payload.get("msg_type"))
        assert not post.payload.get("at", {}).get("isAtAll"), "nobody is called but the one it is for"


def envelope(row, written) -> Envelope:
    return Envelope(
        message_id="m-1",
        kind=row.kind,
        case_ref=row.case_ref,
        person_id=row.person_id,
        person_name=SHORT,
        language=Language.EN,
        subject=written.subject,
        address="li.na@hengyuan.example",
        text=written.text,
        html=written.html,
        link=None,
    )


# -- papers, files, Prefect -------------------------------------------------------------------------------------------


def papers(company):
    for place in company:
        with place.house.read() as session:
            yield from (paper for paper in session.exec(select(Paper)).all() if paper.content)


def test_nothing_that_was_written_becomes_part_of_a_paper(company):
    found = list(papers(company))
    assert found
    assert any(MARK in str(paper.content) for paper in found)
    for paper in found:
        harmless(as_html(text_of(paper)))
        with zipfile.ZipFile(io.BytesIO(as_docx(text_of(paper)))) as word:
            for name in word.namelist():
                if name.endswith((".xml", ".rels")):
                    whole = ElementTree.fromstring(word.read(name))  # it is well formed
                    assert MARK not in {one.tag.rpartition("}")[2] for one in whole.iter()}
                    assert "External" not in {one.get("TargetMode") for one in whole.iter()}
                    told = "".join(one.text or "" for one in whole.iter() if one.tag.endswith("}instrText"))
                    assert set(told.split()) <= {"PAGE", "NUMPAGES"}, "no field that a word processor would carry out"


def test_prefect_is_told_nothing_that_anybody_wrote(company):
    """Its pages draw Markdown: a name could hold a picture that tells its maker who is looking."""
    told = [story_of(place.house, ref) for place in company for ref in place.refs]
    stories = [story for story in told if story is not None]
    assert len(stories) > 8
    for story in stories:
        assert MARK not in story.markdown + story.description
        assert "X-PROBE" not in story.markdown


def test_the_evidence_of_a_case_opens_harmlessly(company):
    opened = 0
    for place in company:
        browser = place.signed_in("wu.gang")
        for ref in place.refs[:1]:
            answer = browser.get(f"/cases/{ref}/evidence.zip")
            if answer.status_code != 200:
                continue
            opened += 1
            with zipfile.ZipFile(io.BytesIO(answer.content)) as pack:
                for name in pack.namelist():
                    assert not name.startswith(("/", "\\")), name
                    assert ".." not in name.split("/"), name
                    assert not set(name) & set('<>:"|?*\\\r\n'), name
                    if name.endswith(".html"):
                        harmless(pack.read(name).decode())
    assert opened > 5


# -- how templates are written ----------------------------------------------------------------------------------------


def templates():
    for room in ("api", "notifications"):
        for path in sorted(resources.files(room).joinpath("").rglob("*")):
            if path.suffix in (".html", ".j2") and "templates" in path.parts:
                yield path


def test_no_template_switches_escaping_off_or_leaves_an_attribute_unquoted():
    walked = 0
    for path in templates():
        source = path.read_text(encoding="utf-8")
        walked += 1
        for wrong in (
            r"\|\s*safe\b",
            r"autoescape\s+false",
            r"<script",
            r"<[a-z][^<>{}]*\son[a-z]+\s*=",
            r"javascript:",
            # Mails carry their styles with them, and nothing is ever put into one; pages have none.
            r"\sstyle\s*=(?!\s*\"[^\"{]*\")" if "notifications" in path.parts else r"\sstyle\s*=",
        ):
            assert not re.search(wrong, source, re.IGNORECASE), f"{path.name}: {wrong}"
        assert not re.search(r"<[a-z][^<>{}]*\s[a-z-]+=\{\{", source), f"{path.name}: an attribute without quotes"
    assert walked > 150
