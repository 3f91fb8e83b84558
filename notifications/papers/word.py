"""Papers as Word files: A4, Chinese in 宋体 and 黑体, the rest in Times New Roman, pages numbered.

The same paper makes the same bytes: dates inside are the paper's own, and the archive's entries carry none.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from config.languages import N_, translate
from config.words import Language
from models.papers import PaperTable, PaperText
from notifications.papers.signing import Signed, foot, lines_of

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LATIN, SONG, HEI = "Times New Roman", "宋体", "黑体"
GREY = RGBColor(0x55, 0x5B, 0x63)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_UNHELD = re.compile("[\\ud800-\\udfff\\ufffe\\uffff]")
_ENTRY_DATE = (1980, 1, 1, 0, 0, 0)


def as_docx(
    text: PaperText,
    signed: Sequence[Signed] = (),
    *,
    version: int = 1,
    time_zone: str = "Asia/Shanghai",
    made_at: datetime | None = None,
) -> bytes:
    """The paper as a Word file. ``made_at`` is when it was written, for the file's properties."""
    document = Document()
    _page(document)
    _styles(document, text.language)
    _properties(document, text, made_at or _EPOCH)
    _head(document, text)
    for section in text.sections:
        if section.heading:
            document.add_heading(_clean(section.heading), level=1)
        for paragraph in section.paragraphs:
            _paragraph(document, paragraph, indent=text.language is Language.ZH_CN)
        for number, point in enumerate(section.points, 1):  # numbered by hand: Word's lists would count on and on
            _paragraph(document, f"{number}. {point}", hanging=True)
        if section.table:
            _table(document, section.table)
    if text.place_and_date:
        _paragraph(document, text.place_and_date).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _signatures(document, text, signed, time_zone)
    _footer(document, foot(text, version))
    return _same_bytes(document)


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin = section.bottom_margin = Cm(2.54)
    section.left_margin = section.right_margin = Cm(2.8)


def _styles(document: Any, language: Language) -> None:
    _font(document.styles["Normal"], SONG, 12 if language is Language.ZH_CN else 11, language)
    document.styles["Normal"].paragraph_format.line_spacing = 1.5
    document.styles["Normal"].paragraph_format.space_after = Pt(4)
    for name, size in (("Title", 20), ("Heading 1", 14)):
        style = document.styles[name]
        _font(style, HEI, size, language)
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.font.bold = language is not Language.ZH_CN  # 黑体 is bold by itself
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(12), Pt(6)
    document.styles["Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _without_border(document.styles["Title"])


def _font(style: Any, east_asian: str, size: int, language: Language) -> None:
    style.font.name, style.font.size = LATIN, Pt(size)
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):  # a theme's font would outrank ours
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{script}"), LATIN)
    fonts.set(qn("w:eastAsia"), east_asian)
    for known in properties.findall(qn("w:lang")):
        properties.remove(known)
    spoken = OxmlElement("w:lang")
    spoken.set(qn("w:val"), "zh-CN" if language is Language.ZH_CN else "en-GB")
    spoken.set(qn("w:eastAsia"), "zh-CN")
    properties.append(spoken)


def _without_border(style: Any) -> None:
    properties = style.element.get_or_add_pPr()
    for border in properties.findall(qn("w:pBdr")):
        properties.remove(border)


def _properties(document: Any, text: PaperText, made_at: datetime) -> None:
    core = document.core_properties
    moment = made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    core.title, core.author, core.last_modified_by = _clean(text.title)[:255], _clean(text.issuer)[:255], ""
    core.created = core.modified = moment
    core.language = "zh-CN" if text.language is Language.ZH_CN else "en"
    core.subject, core.comments, core.revision = text.content_hash(), "", 1


def _head(document: Any, text: PaperText) -> None:
    issuer = _paragraph(document, text.issuer)
    issuer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph(_clean(text.title), style="Title")
    for line in text.addressee:
        _paragraph(document, line)
    if text.facts:
        _grid(document, [(fact.label, fact.value) for fact in text.facts], widths=(4.2, 11.2))


def _paragraph(document: Any, text: str, *, indent: bool = False, hanging: bool = False) -> Any:
    paragraph = document.add_paragraph(_clean(text))
    if indent:
        paragraph.paragraph_format.first_line_indent = Pt(24)  # two characters, as Chinese papers are set
    if hanging:
        paragraph.paragraph_format.left_indent, paragraph.paragraph_format.first_line_indent = Pt(24), Pt(-18)
    return paragraph


def _table(document: Any, table: PaperTable) -> None:
    made = document.add_table(rows=0, cols=len(table.head), style="Table Grid")
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    for number, row in enumerate((table.head, *table.rows)):
        cells = made.add_row().cells
        for column, value in enumerate(row[: len(table.head)]):
            paragraph = _cell(cells[column], value, bold=number == 0)
            if column in table.figures:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _repeat_head(made.rows[0])
    document.add_paragraph()


def _grid(document: Any, rows: Sequence[Sequence[str]], widths: Sequence[float]) -> None:
    made = document.add_table(rows=0, cols=len(widths), style="Table Grid")
    made.autofit = False
    for row in rows:
        cells = made.add_row().cells
        for column, (value, width) in enumerate(zip(row, widths, strict=True)):
            cells[column].width = Cm(width)
            _cell(cells[column], value, bold=column == 0)
    document.add_paragraph()


def _cell(cell: Any, text: str, *, bold: bool) -> Any:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.line_spacing, paragraph.paragraph_format.space_after = 1.2, Pt(2)
    paragraph.add_run(_clean(text)).bold = bold
    return paragraph


def _repeat_head(row: Any) -> None:
    """The head of a table stands on each page it runs over; no row is torn apart."""
    properties = row._tr.get_or_add_trPr()
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    properties.append(repeated)


def _signatures(document: Any, text: PaperText, signed: Sequence[Signed], time_zone: str) -> None:
    lines = lines_of(text, signed, time_zone)
    if not lines:
        return
    document.add_heading(translate(N_("Signatures"), text.language), level=1)
    _grid(document, [(line.capacity, line.name, line.note) for line in lines], widths=(4.6, 4.2, 6.6))


def _footer(document: Any, told: str) -> None:
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _small(paragraph.add_run(f"{told}    "))
    _field(paragraph, "PAGE")
    _small(paragraph.add_run(" / "))
    _field(paragraph, "NUMPAGES")


def _field(paragraph: Any, name: str) -> None:
    run = paragraph.add_run()
    _small(run)
    for kind, said in (("begin", None), (None, name), ("separate", None), ("text", "1"), ("end", None)):
        if kind == "text":
            run.add_text(str(said))
            continue
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.set(qn("xml:space"), "preserve")
            part.text = f" {said} "
        run._r.append(part)


def _small(run: Any) -> None:
    run.font.size, run.font.color.rgb = Pt(9), GREY


def _clean(text: str) -> str:
    """``text`` without the characters that XML cannot hold."""
    return "".join(c for c in text if c in "\n\t" or (c >= " " and not _UNHELD.match(c)))


def _same_bytes(document: Any) -> bytes:
    """The file with its parts in order and undated."""
    written, same = io.BytesIO(), io.BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(same, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _ENTRY_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return same.getvalue()
