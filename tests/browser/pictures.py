"""``make pictures``: the guides' pictures, taken of the running pages, so that they stay true.

The company, its day and the browser are those of the browser tests: a picture shows what a test has looked at, and
taking them again changes nothing where the pages have not changed. They go to ``docs/images``, each in both languages,
with few enough colours to be small. What each is of stands in the table ``PICTURES``.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright
from sqlmodel import col, select

from api.prefect_client import PrefectClient
from config.policy import load_policy
from config.words import Language, SignerState
from models.house import House
from models.operations.access import issue_approval_link
from models.operations.heartbeat import beat
from models.tables import Case, Person, Signer, Step
from notifications.console import ConsoleChannel
from notifications.sender import Sender
from tests.api.fake_prefect import FakePrefect
from tests.browser.company import found_company, moved_into
from tests.browser.conftest import CHROMIUM, served, sign_in
from tests.browser.looking import DESK, PHONE

IMAGES = Path(__file__).parents[2] / "docs" / "images"
LANGUAGES = {"en": ("en", "en-GB"), "zh": ("zh_CN", "zh-CN")}
"""How each language is called in a picture's name, by us, and by a browser."""
COLOURS = 128
SCALE = {PHONE["width"]: 1.5, DESK["width"]: 1.0}

Where = Callable[[House], str]


def at(path: str) -> Where:
    return lambda _house: path


def asked(house: House, who: str, step: str) -> Signer:
    """The place of ``who`` on a step of this name that waits for them."""
    with house.read() as session:
        found = (
            select(Signer)
            .join(Step, col(Step.id) == Signer.step_id)
            .where(Signer.person_id == who, Signer.state == SignerState.ASKED, Step.name == step)
            .order_by(col(Signer.id))
        )
        return session.exec(found).first() or _not_there(f"{who} is not asked for {step}")


def link_of(who: str, step: str) -> Where:
    """The link that a message brings."""

    def path(house: House) -> str:
        with house.work() as work:
            return f"/a/{issue_approval_link(work, asked(house, who, step).id or 0)}"

    return path


def step_of(who: str, step: str) -> Where:
    return lambda house: f"/steps/{asked(house, who, step).id}"


def longest_case(process: str) -> Where:
    """The case of a process that has come furthest."""

    def path(house: House) -> str:
        with house.read() as session:
            refs = session.exec(select(Step.case_ref).join(Case).where(Case.process == process)).all()
        return f"/cases/{max(sorted(set(refs)), key=refs.count)}"

    return path


def _not_there(told: str) -> Any:
    raise LookupError(told)


@dataclass(frozen=True)
class Picture:
    """One picture: what it is called, whose page it is of, and what they do there first. Without a person: by link."""

    name: str
    who: str | None
    path: Where
    size: dict[str, int] = field(default_factory=lambda: DESK)
    height: int | None = None
    first: Callable[[Any], None] | None = None


HANDLER, APPROVER, RISK, OPS, MANAGER = "li.na", "wang.jun", "chen.yu", "xu.ming", "zhou.hong"


def _answers(page: Any) -> None:
    page.locator(".dock button").click()
    page.locator(".notice.good").wait_for()


PICTURES = (
    Picture("inbox-phone", RISK, at("/"), PHONE),
    Picture("inbox-desk", RISK, at("/")),
    Picture("step-desk", RISK, step_of(RISK, "risk-rerating"), height=1100),
    Picture("notifications-phone", RISK, at("/me/notifications"), PHONE),
    Picture("absence-phone", RISK, at("/absence"), PHONE),
    Picture("operations-desk", OPS, at("/operations")),
    Picture("queue-desk", OPS, at("/operations/queue")),
    Picture("messages-desk", OPS, at("/operations/messages")),
    Picture("schedules-desk", OPS, at("/operations/schedules")),
    Picture("policy-desk", OPS, at("/operations/policy/running/approval")),
    Picture("statistics-desk", MANAGER, at("/management"), height=1100),
    Picture("process-desk", MANAGER, at("/management/processes/onboarding-review"), height=1100),
    Picture("portfolio-desk", MANAGER, at("/management/portfolio"), height=1100),
    Picture("history-desk", MANAGER, at("/cases")),
    Picture("case-desk", MANAGER, longest_case("onboarding-review"), height=1100),
    Picture("search-phone", RISK, at("/search?q=xzdh"), PHONE),
    Picture("archive-desk", RISK, at("/customers/K-000004"), height=1100),
    Picture("archive-phone", RISK, at("/customers/K-000004"), PHONE),
    Picture("approval-phone", None, link_of(APPROVER, "matrix-approval"), PHONE),
    Picture("recorded-phone", None, link_of(APPROVER, "matrix-approval"), PHONE, first=_answers),
)
"""In this order, for the last one decides."""


def take(names: Sequence[str], folder: Path) -> Iterator[Path]:
    """Take these pictures, or all, in both languages; each path when it is written."""
    wanted = [one for one in PICTURES if not names or one.name in names]
    policy = load_policy()
    with tempfile.TemporaryDirectory(prefix="clientrisk-pictures-") as temporary, sync_playwright() as playwright:
        template = Path(temporary, "company")
        template.mkdir()
        found_company(template, policy)
        arguments = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb", "--lang=en-GB"]
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        for short, (language, locale) in LANGUAGES.items():
            with moved_into(template, Path(temporary, short), policy) as house:
                prefect = _as_on_any_day(house, Language(language))
                with served(house, PrefectClient(house.settings, prefect.transport())) as url:
                    for one in wanted:
                        path = folder / f"{one.name}-{short}.png"
                        with _window(chromium, one, locale) as page:
                            path.write_bytes(_small(_taken(house, url, page, one)))
                        yield path
        chromium.close()


def _as_on_any_day(house: House, language: Language) -> FakePrefect:
    """Everybody reads ``language``; messages are sent, a worker is there, and the routines of this morning have run."""
    with house.work() as work:
        for person in work.session.exec(select(Person)):
            person.language = language
    Sender(
        house, {"console": ConsoleChannel(house.settings.home / "messages.jsonl", say=lambda _line: None)}
    ).send_due()
    beat(house, "worker-1", "worker", house.clock(), {"threads": 4})
    prefect = FakePrefect(house.clock)
    prefect.ran("overdue-scan", hours_ago=6.5)
    return prefect


@contextmanager
def _window(chromium: Any, one: Picture, locale: str) -> Iterator[Any]:
    size = {**one.size, "height": one.height or one.size["height"]}
    context = chromium.new_context(
        viewport=size, locale=locale, device_scale_factor=SCALE[size["width"]], reduced_motion="reduce"
    )
    context.set_default_timeout(60_000)
    try:
        yield context.new_page()
    finally:
        context.close()


def _taken(house: House, url: str, page: Any, one: Picture) -> bytes:
    if one.who:
        sign_in(house, url, page, one.who)
    answer = page.goto(f"{url}{one.path(house)}")
    if answer.status != 200:
        raise LookupError(f"{one.name}: {page.url} answers {answer.status}")
    if one.first:
        one.first(page)
    taken: bytes = page.screenshot()
    return taken


def _small(png: bytes) -> bytes:
    """The same picture in few colours: flat pages lose nothing that an eye would miss."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    small = io.BytesIO()
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def main() -> None:
    """Take the pictures and print what each weighs."""
    parser = argparse.ArgumentParser(prog="make pictures", description="Take the guides' pictures.")
    parser.add_argument("names", nargs="*", help=f"Only these. There are: {', '.join(one.name for one in PICTURES)}.")
    parser.add_argument("--to", type=Path, default=IMAGES, help="The folder they go to.")
    given = parser.parse_args()
    given.to.mkdir(parents=True, exist_ok=True)
    for path in take(given.names, given.to):
        print(f"{path.stat().st_size / 1000:6.0f} kB  {path.name}", flush=True)


if __name__ == "__main__":
    main()
