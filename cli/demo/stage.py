"""What the scenes stand on: a running product, its people's browsers and letters, and what a scene can let them do."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import httpx
from sqlmodel import select

from cli.demo.account import Account, Unmet
from cli.demo.browser import Browser
from cli.demo.mailbox import LONGEST_WAIT, LOOK_EVERY, Letter, Mailbox
from cli.demo.page import Form, Page, Value
from cli.product import Product
from cli.terminal import operator
from config.policy import load_policy
from config.words import Outcome, StepState
from models.house import House, open_house
from models.messages import CaseClosed, SignIn, StepAsked
from models.operations.access import Scope, issue_api_token
from models.tables import Person

T = TypeVar("T")

MANAGER = "xu.ming"


@dataclass(frozen=True)
class Opened:
    """A step's page that somebody has in front of them."""

    who: str
    case: str
    page: Page


class Stage:
    """One running product with everybody in it."""

    def __init__(self, product: Product, account: Account) -> None:
        self.account = account
        self.address = product.api_url
        self.house: House = open_house(product.settings, load_policy(product.settings.policy_folder))
        self.mailbox = Mailbox(product.settings.home / "messages.jsonl")
        self._browsers: dict[str, Browser] = {}
        self._inside: set[str] = set()
        with self.house.read() as session:
            self._names = dict(session.exec(select(Person.id, Person.name)).all())
            self._addresses = dict(session.exec(select(Person.id, Person.email)).all())
        self._reader = self.program(MANAGER, Scope.READ)
        self._before: set[str] = set()
        self._before = {case["ref"] for case in self.list_cases()}

    def close(self) -> None:
        """Close every browser and the database."""
        for browser in self._browsers.values():
            browser.close()
        self._reader.close()
        self.house.engine.dispose()

    # -- who and what ------------------------------------------------------------------------------------------

    def name(self, who: str) -> str:
        """What somebody is called."""
        return self._names[who]

    def names(self, people: Sequence[str]) -> str:
        """What several are called."""
        return " and ".join(self.name(who) for who in people)

    def browser(self, who: str) -> Browser:
        """Somebody's browser."""
        return self._browsers.setdefault(who, Browser(self.address))

    def program(self, who: str, *scopes: Scope) -> httpx.Client:
        """A program that acts for somebody, by an API token made as ``clientrisk people token`` makes it."""
        with self.house.work(operator()) as work:
            token = issue_api_token(work, who, "demonstration", list(scopes), days=1)
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
        return httpx.Client(base_url=f"{self.address}/api/v1", headers=headers, timeout=30.0, trust_env=False)

    def case(self, ref: str) -> dict[str, Any]:
        """A case as the JSON API gives it."""
        shown: dict[str, Any] = self._reader.get(f"/cases/{ref}").raise_for_status().json()
        return shown

    def list_cases(self, process: str | None = None) -> list[dict[str, Any]]:
        """The cases of the demonstration, as the JSON API lists them; not those that the sample company had before."""
        page: dict[str, Any] = self._reader.get("/cases", params={"limit": 200}).raise_for_status().json()
        mine = (case for case in page["items"] if case["ref"] not in self._before)
        return [case for case in mine if process in (None, case["process"])]

    def today(self) -> str:
        """The company's date."""
        return self.in_days(0)

    def in_days(self, number: int) -> str:
        """The company's date in so many days."""
        return (self.house.calendar.day_of(self.house.clock()) + timedelta(days=number)).isoformat()

    def fetch(self, path: str, **asked: str) -> dict[str, Any]:
        """Anything that the JSON API tells a manager."""
        answer: dict[str, Any] = self._reader.get(path, params=asked).raise_for_status().json()
        return answer

    # -- letters -----------------------------------------------------------------------------------------------

    def letter(self, who: str, case: str | None, kind: str, *, after: int = 0) -> Letter:
        """The next letter of this kind to somebody about a case; waited for. ``after`` as ``Mailbox.see`` has it."""
        what = f"{self.name(who)} to get a message ({kind})" + (f" about {case}" if case else "")
        return self.mailbox.take(what, lambda one: (one.person, one.case, one.kind) == (who, case, kind), after=after)

    # -- what people do ----------------------------------------------------------------------------------------

    def opens(self, case: str, who: str, *, signs_in: bool = False) -> Opened:
        """Somebody opens the link they were sent; where that is not enough, they sign in and come back to the step."""
        link = self.letter(who, case, StepAsked.kind).link or ""
        page = self.browser(who).open(link)
        self.account.expect(page.status == httpx.codes.OK, f"the link of {self.name(who)} to open, not {page.status}")
        if signs_in and who not in self._inside:
            page = self._signs_in_at_the_step(who, page)
        return Opened(who, case, page)

    def opens_again(self, opened: Opened) -> Opened:
        """The page of the step anew, as somebody does whose answer was not taken."""
        return Opened(opened.who, opened.case, self.browser(opened.who).open(self.browser(opened.who).path))

    def _signs_in_at_the_step(self, who: str, page: Page) -> Page:
        """A sensitive step: the link alone shows it and decides nothing."""
        decides = [form for form in page.forms if form.answers_with]
        self.account.expect(not decides, "the link alone not to decide a sensitive step")
        ask = self.account.present(page.going_to("/sign-in"), "the page to offer signing in")
        browser, letters = self.browser(who), self.mailbox.so_far()
        browser.send(ask)
        page = self.follows_sign_in_link(who, letters)
        self.account.expect(browser.path.startswith("/steps/"), f"to come back to the step, not to {browser.path}")
        self.account.line(f"{self.name(who)} needs more than the link, gets a one-time link and signs in")
        return page

    def comes_in(self, who: str) -> Browser:
        """The browser of somebody who is signed in."""
        if who not in self._inside:
            self.signs_in(who)
        return self.browser(who)

    def signs_in(self, who: str) -> Page:
        """Somebody asks for a sign-in link at their registered address, and uses it."""
        browser = self.browser(who)
        ask = self.form(browser.open("/sign-in"), "/sign-in")
        letters = self.mailbox.so_far()
        browser.send(ask.filled({"address": self._addresses[who] or ""}))
        return self.follows_sign_in_link(who, letters)

    def follows_sign_in_link(self, who: str, after: int = 0) -> Page:
        """A mail scanner looks first, which uses nothing up; then the person signs in."""
        link = self.letter(who, None, SignIn.kind, after=after).link or ""
        self.scans(link)
        browser = self.browser(who)
        page = browser.open(link)
        self._inside.add(who)
        button = next((form for form in page.forms if "/sign-in/" in form.action), None)
        return browser.send(self.account.present(button, "the sign-in link to show its button, used by nobody yet"))

    def form(self, page: Page, end: str) -> Form:
        """The form of a page whose address ends so."""
        return self.account.present(page.going_to(end), f"a form to {end}, not: {page.text[:200]}")

    def scans(self, link: str) -> None:
        """What the scanner of a mail system does with every link: HEAD, then GET, with no cookies."""
        scanner = Browser(self.address)
        statuses = (scanner.head(link), scanner.open(link).status)
        scanner.close()
        self.account.expect(statuses == (200, 200), f"a scanner to be shown the page, not {statuses}")

    def decides(
        self,
        case: str,
        who: str,
        action: str,
        fill: Mapping[str, Value] | None = None,
        *,
        then: Sequence[str] = (),
        ends: Outcome | None = None,
        told: str = "",
        onward: str = "others are still to sign",
        signs_in: bool = False,
    ) -> Form:
        """Somebody opens their link and answers. ``then`` are asked next, or it ``ends``, or ``onward`` follows.

        ``told`` is how the account puts it. Returns the form as it was sent.
        """
        opened = self.opens(case, who, signs_in=signs_in)
        return self.answers(opened, action, fill, then=then, ends=ends, told=told, onward=onward)

    def answers(
        self,
        opened: Opened,
        action: str,
        fill: Mapping[str, Value] | None = None,
        *,
        then: Sequence[str] = (),
        ends: Outcome | None = None,
        told: str = "",
        onward: str = "others are still to sign",
    ) -> Form:
        """Somebody answers on the page in front of them."""
        form = self._filled(opened, action, fill or {})
        letters, began = self.mailbox.so_far(), time.monotonic()
        browser = self.browser(opened.who)
        page, decided = browser.send(form), browser.answered_at
        still = [one.answers_with for one in page.forms if one.answers_with]
        recorded = page.status == httpx.codes.OK and not still
        self.account.expect(recorded, f"the answer “{action}” to be recorded, not {page.status}: {page.text[:300]}")
        text = f"{self.name(opened.who)} {told or action} (recorded in {(decided - began) * 1000:.0f} ms)"
        if ends is None:
            self._goes_on(opened.case, text, decided, letters, then, onward)
        else:
            self._ends(opened.case, text, decided, ends)
        return form

    def _filled(self, opened: Opened, action: str, fill: Mapping[str, Value]) -> Form:
        what = f"the page of {self.name(opened.who)} to offer “{action}”"
        form = self.account.present(opened.page.answering(action), what)
        try:
            return form.filled(fill)
        except KeyError as missing:
            raise Unmet(f"the form “{action}” to have the field {missing}") from None

    def _goes_on(self, case: str, text: str, decided: float, letters: int, then: Sequence[str], onward: str) -> None:
        """Those who are asked next have the message; it stays to be opened."""
        asked = self.are_asked(case, then, letters)
        if not asked:
            self.account.decision(text, None, onward)
            return
        span = max(letter.seen_at for letter in asked) - decided
        self.account.decision(text, max(span, 0.0), f"{self.names(then)} {'is' if len(then) == 1 else 'are'} asked")

    def handler(self, case: str) -> str:
        """Who handles a case."""
        return self._called(self.case(case)["handler"])

    def asked(self, case: str, step: str) -> list[str]:
        """Who is asked just now at the case's step of this name."""
        steps = [one for one in self.case(case)["steps"] if one["step"].partition("#")[0] == step]
        return [self._called(name) for one in steps if one["state"] == StepState.OPEN for name in one["asked"]]

    def _called(self, name: str) -> str:
        return next(who for who, called in self._names.items() if called == name)

    def are_asked(self, case: str, people: Sequence[str], after: int) -> list[Letter]:
        """The letters by which ``people`` are asked about a case, of those that came after the one numbered so."""
        return [
            self.mailbox.see(
                f"{self.name(who)} to be asked about {case}",
                lambda one, who=who: (one.person, one.case, one.kind) == (who, case, StepAsked.kind),  # type: ignore[misc]
                after=after,
            )
            for who in people
        ]

    def _ends(self, case: str, text: str, decided: float, outcome: Outcome) -> None:
        """Whoever handles the case is told."""
        handler = self.handler(case)
        letter = self.letter(handler, case, CaseClosed.kind)
        self.account.decision(text, max(letter.seen_at - decided, 0.0), f"{self.name(handler)} is told how it ended")
        self.has_ended(case, outcome)

    def is_refused(self, opened: Opened, action: str, fill: Mapping[str, Value], *, status: int, told: str) -> Page:
        """Somebody sends an answer that is not taken; the page says why, and nothing is recorded."""
        before = len(self.signatures(opened.case))
        page = self.browser(opened.who).send(self._filled(opened, action, fill))
        self.account.expect(page.status == status, f"“{action}” to be answered with {status}, not {page.status}")
        self.account.expect(told in page.text, f"the page to say “{told}”, not: {page.text[:300]}")
        self.account.expect(len(self.signatures(opened.case)) == before, "nothing to be recorded")
        return page

    # -- what must be so ---------------------------------------------------------------------------------------

    def signatures(self, case: str) -> list[dict[str, Any]]:
        """Every answer given in a case."""
        return [signature for step in self.case(case)["steps"] for signature in step["signatures"]]

    def has_ended(self, case: str, outcome: Outcome) -> None:
        """The case has ended so; said in the account."""
        shown = self.case(case)
        self.account.expect(shown["outcome"] == outcome, f"{case} to end “{outcome.label}”, not “{shown['outcome']}”")
        self.account.line(f"Ended: {outcome.label}. {' '.join(f'{reason}.' for reason in shown['because'])}".rstrip())

    def until(self, holds: Callable[[], T | None], what: str) -> T:
        """What ``holds`` finds, looked for until it is there.

        Raises:
            Unmet: it has not come about.
        """
        end = time.monotonic() + LONGEST_WAIT
        while (found := holds()) is None:
            if time.monotonic() > end:
                raise Unmet(f"{what} within {LONGEST_WAIT:g} s")
            time.sleep(LOOK_EVERY)
        return found
