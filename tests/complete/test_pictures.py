"""The guides' pictures: each is used and described, in both languages, and together they stay small."""

import re
from pathlib import Path

from tests.browser import pictures

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"
PAGES = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
ALL_TOGETHER = 3_000_000
"""Bytes: whoever clones the repository carries them."""


def shown() -> dict[Path, str]:
    """Every picture that a page shows or leads to, with what is said of it."""
    found: dict[Path, str] = {}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        drawn = [(alt, src) for alt, src in re.findall(r"\[([^\]]*)\]\(([^)]+\.png)\)", text)]
        for tag in re.findall(r"<img [^>]+>", text):
            alt, src = re.search(r'alt="([^"]*)"', tag), re.search(r'src="([^"]*)"', tag)
            assert src is not None
            drawn.append((alt[1] if alt else "", src[1]))
        found |= {(page.parent / src).resolve(): alt for alt, src in drawn}
    return found


def test_the_folder_holds_what_the_command_takes_and_nothing_else() -> None:
    taken = {f"{one.name}-{language}.png" for one in pictures.PICTURES for language in pictures.LANGUAGES}
    assert {file.name for file in IMAGES.iterdir()} == taken


def test_every_picture_is_shown_and_described_and_there() -> None:
    seen = shown()
    assert {path for path in seen if not path.is_file()} == set()
    assert {path.name for path in seen if not seen[path].strip()} == set()
    assert {file.name for file in IMAGES.iterdir()} - {path.name for path in seen} == set()


def test_all_pictures_together_stay_small() -> None:
    assert sum(file.stat().st_size for file in IMAGES.iterdir()) <= ALL_TOGETHER
