"""Papers as pages and as Word files: all of the text is there, as text, in fonts that print Chinese."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
from docx import Document
from docx.oxml.ns import qn

from config.words import Language
from models.papers import PaperText, Section, Signatory
from notifications.papers import Signed, as_docx, as_html
from tests.outsiders import minutes

AT = datetime(2026, 3, 10, 2, 15, tzinfo=UTC)
MA_JIANGUO = Signed("马建国", "客户代表", AT)


def opened(data: bytes) -> Document:
    return Document(io.BytesIO(data))


def words_of(document: Document) -> str:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_a_word_file_holds_the_whole_text() -> None:
    words = words_of(opened(as_docx(minutes(), [MA_JIANGUO])))
    for said in ("恒远供应链管理有限公司", "风险客户接待纪要", "一、达成的一致", "1. 四月底前支付首期。", "800,000.00"):
        assert said in words


def test_a_word_file_prints_chinese_in_song_and_hei_and_the_rest_in_times() -> None:
    document = opened(as_docx(minutes()))
    for style, chinese in (("Normal", "宋体"), ("Title", "黑体"), ("Heading 1", "黑体")):
        fonts = document.styles[style].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) == chinese
        assert fonts.get(qn("w:ascii")) == "Times New Roman"
        assert fonts.get(qn("w:eastAsiaTheme")) is None


def test_a_word_file_is_a4_with_numbered_pages_and_the_fingerprint() -> None:
    section = opened(as_docx(minutes(), version=3)).sections[0]
    assert (round(section.page_width.cm), round(section.page_height.cm, 1)) == (21, 29.7)
    foot = section.footer.paragraphs[0]
    digits = minutes().content_hash()
    assert f"第 3 版 · 指纹 {digits[:4]} {digits[4:8]} {digits[8:12]} {digits[12:16]}" in foot.text
    assert [field.text.strip() for field in foot._p.iter(qn("w:instrText"))] == ["PAGE", "NUMPAGES"]


def test_who_signed_and_who_has_not_is_on_the_paper() -> None:
    document = opened(as_docx(minutes(), [MA_JIANGUO]))
    lines = [[cell.text for cell in row.cells] for row in document.tables[-1].rows]
    assert lines == [["风险专员", "陈宇", ""], ["客户代表", "马建国", "电子签署，2026年3月10日 10:15"]]


def test_a_deputy_of_the_client_who_signs_takes_the_clients_line() -> None:
    page = as_html(minutes(), [Signed("刘芳", "客户代表", AT)])
    assert "刘芳" in page
    assert "马建国" not in page


def test_a_signature_of_nobody_named_is_added_below() -> None:
    document = opened(as_docx(minutes(), [Signed("周红", "副总经理", AT, "zhou.hong")]))
    assert [row.cells[1].text for row in document.tables[-1].rows] == ["陈宇", "马建国", "周红"]


def test_the_same_paper_makes_the_same_bytes() -> None:
    first = as_docx(minutes(), [MA_JIANGUO], made_at=AT)
    assert as_docx(minutes(), [MA_JIANGUO], made_at=AT) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    properties = opened(first).core_properties
    assert properties.created == AT
    assert properties.author == "恒远供应链管理有限公司"


def test_figures_stand_flush_right_under_a_head_that_is_repeated() -> None:
    table = opened(as_docx(minutes())).tables[1]
    assert table.cell(1, 1).paragraphs[0].alignment == 2
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None


@pytest.mark.parametrize("nasty", ["a\x00b\x0bc", "\uffff", "<w:p/>&amp;", "=1+1"])
def test_no_character_breaks_a_word_file(nasty: str) -> None:
    text = minutes(sections=(Section(heading=nasty, paragraphs=(nasty,)),))
    assert "接待纪要" in words_of(opened(as_docx(text)))


def test_a_page_is_text_and_needs_no_script_and_no_style_inside() -> None:
    evil = '<script>alert("1")</script>'
    page = as_html(minutes(title=evil, sections=(Section(paragraphs=(evil,), points=(evil,)),)))
    assert "<script" not in page
    assert "<style" not in page
    assert "style=" not in page
    assert page.count("&lt;script&gt;") == 4  # the title twice


def test_an_english_paper_speaks_english() -> None:
    text = PaperText(
        language=Language.EN,
        title="Minutes",
        issuer="Hengyuan Supply Chain",
        signatories=(Signatory(name="Ma Jianguo", capacity="For the customer"),),
    )
    words = words_of(opened(as_docx(text, [Signed("Ma Jianguo", "For the customer", AT)])))
    assert "Signatures" in words
    assert "signed electronically, 10 March 2026, 10:15" in words
