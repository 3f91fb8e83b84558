"""Files handed in with a step: typed by what they contain, limited in size, kept outside the database by their hash."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from pathlib import Path, PurePosixPath, PureWindowsPath

from sqlmodel import select

from config.languages import N_
from models.errors import Invalid, NotFound, Problem
from models.house import House, Work
from models.operations.remarks import must_be_open, step_for
from models.tables import Attachment

MAX_FILES = 20  # per step
# What a file is, by how it begins; a name or a browser's word is not believed.
KINDS = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"PK\x03\x04": "application/zip",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "application/x-ole-storage",
}
OFFICE = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
}


def attach(work: Work, step_id: int, name: str, content: bytes) -> Attachment:
    """Keep a file with a step. The same content twice is one file.

    Raises:
        Conflict: the step has closed; what was decided rests on what was there.
        Invalid: empty, too large, or of a kind that is not taken; says which are.
    """
    step, case, by = step_for(work, step_id)
    must_be_open(step)
    shown = clean_name(name)
    media_type = _kind(shown, content, work.house.settings.max_attachment_bytes)
    sha256 = hashlib.sha256(content).hexdigest()
    kept = work.session.exec(select(Attachment).where(Attachment.step_id == step_id)).all()
    for known in kept:
        if known.sha256 == sha256:
            return known
    if len(kept) >= MAX_FILES:
        raise _wrong(N_("At most {max} files with one step."), max=MAX_FILES)
    _write(path_of(work.house, sha256), content)
    attachment = Attachment(
        step_id=step_id,
        case_ref=case.ref,
        by_person_id=by.id,
        name=shown,
        media_type=media_type,
        size=len(content),
        sha256=sha256,
        at=work.now,
    )
    work.add(attachment)
    work.record("step.attached", case.ref, step=step.key, name=shown, size=len(content), sha256=sha256)
    return attachment


def read_attachment(house: House, attachment: Attachment) -> bytes:
    """The file's content, if it is what was handed in.

    Raises:
        NotFound: it is missing, or was changed behind our back.
    """
    try:
        content = path_of(house, attachment.sha256).read_bytes()
    except OSError:
        raise NotFound(N_("The file is missing from the store.")) from None
    if hashlib.sha256(content).hexdigest() != attachment.sha256:
        raise NotFound(N_("The file in the store is not the one that was handed in."))
    return content


def path_of(house: House, sha256: str) -> Path:
    """Where a file lies."""
    return house.settings.documents / sha256[:2] / sha256


def clean_name(name: str) -> str:
    """A file's own name, without any path and without what does not belong into a name."""
    plain = PureWindowsPath(PurePosixPath(name.replace("\x00", "")).name).name
    kept = "".join(c for c in plain if c.isprintable() and c not in '<>:"/\\|?*').strip(" .")
    stem, dot, ending = kept.rpartition(".")
    return (kept if not dot else f"{stem[:180]}.{ending[:16]}")[:200] or "file"


def _kind(name: str, content: bytes, max_bytes: int) -> str:
    if not content:
        raise _wrong(N_("The file is empty."))
    if len(content) > max_bytes:
        raise _wrong(N_("The file is larger than {max} MB."), max=max_bytes // 1_000_000)
    found = next((kind for start, kind in KINDS.items() if content.startswith(start)), None)
    ending = PurePosixPath(name).suffix.lower()
    if found == "application/zip" and ending in (".docx", ".xlsx"):
        _must_be_office(content, ending)
        return OFFICE[ending]
    if found == "application/x-ole-storage" and ending in (".doc", ".xls"):
        return OFFICE[ending]
    if found is None or found in ("application/zip", "application/x-ole-storage"):
        raise _wrong(N_("Only PDF, PNG, JPEG, Word and Excel files are taken."))
    return found


MOST_PARTS = 5_000
MOST_UNPACKED = 500_000_000  # bytes; the largest honest workbooks unpack to a fraction
MAIN_PARTS = {".docx": "word/", ".xlsx": "xl/"}


def _must_be_office(content: bytes, ending: str) -> None:
    """A Word or Excel file by its table of contents. Nothing is unpacked: whoever opens it later should be able to.

    Raises:
        Invalid: another kind of archive, one with macros, or one that would burst whoever opens it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
        raise _wrong(N_("The file is not what its name says.")) from None
    names = [part.filename for part in parts]
    strays = any(name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") for name in names)
    whole = "[Content_Types].xml" in names and any(name.startswith(MAIN_PARTS[ending]) for name in names)
    if strays or not whole:
        raise _wrong(N_("The file is not what its name says."))
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise _wrong(N_("The file holds macros. Save it without them (.docx, .xlsx)."))
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise _wrong(N_("The file holds far more than it seems to; it could not be opened safely."))


def _write(path: Path, content: bytes) -> None:
    """Write once, whole: a file that is there is right, for its name is its hash."""
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _wrong(message: str, **values: object) -> Invalid:
    return Invalid(N_("Please look at the marked fields."), [Problem("file", message, values)])
