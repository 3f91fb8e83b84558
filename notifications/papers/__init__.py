"""Papers as people get them: a page that prints well, and a Word file; both from one text (``models.papers``)."""

from notifications.papers.signing import Signed
from notifications.papers.web import as_html, body_html
from notifications.papers.word import DOCX, as_docx

__all__ = ["DOCX", "Signed", "as_docx", "as_html", "body_html"]
