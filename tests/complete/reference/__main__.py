"""``make reference``."""

from tests.complete.reference import FOLDER, PAGES

FOLDER.mkdir(parents=True, exist_ok=True)
for name, page in PAGES.items():
    text = page()
    (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"{text.count(chr(10)):6} lines  docs/reference/{name}")
