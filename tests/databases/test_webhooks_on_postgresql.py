"""Webhooks, keys of repeated requests and the figures for monitoring: on both databases, and at one moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlmodel import func, select

from models.errors import Conflict
from models.house import House, Work, person
from models.operations.once import once
from models.operations.webhook_deliveries import claim_parcels, follow
from models.operations.webhooks import create_webhook, ping_webhook, webhook_to_change
from models.queries.figures import figures
from models.queries.webhooks import deliveries_of, webhooks
from models.tables import Person, WebhookDelivery
from notifications.webhook_sender import Answer, WebhookSender


class Post:
    """A receiver that takes everything, and remembers it."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, parcel, now) -> Answer:
        self.sent.append(parcel.body["id"])
        return Answer(200, "ok")


def made(house: House) -> int:
    with house.work(person("xu.ming")) as work:
        ops = work.session.get_one(Person, "xu.ming")
        hook, _ = create_webhook(work, ops, "ERP", "https://erp.example.com/hook", ["case.opened"])
        return hook.id or 0


def pinged(house: House, hook: int, times: int) -> None:
    for _ in range(times):
        with house.work(person("xu.ming")) as work:
            ops = work.session.get_one(Person, "xu.ming")
            ping_webhook(work, ops, webhook_to_change(work, ops, hook))


def at_once(*acts) -> list[object]:
    """What each comes to, or the refusal it is told."""
    ready = Barrier(len(acts))

    def run(act):
        ready.wait()
        try:
            return act()
        except Conflict as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_who_follow_at_one_moment_write_each_delivery_once(house: House) -> None:
    pinged(house, made(house), 20)
    written = at_once(lambda: follow(house), lambda: follow(house))
    assert sum(written) == 20  # type: ignore[arg-type]
    with house.read() as session:
        assert session.exec(select(func.count()).select_from(WebhookDelivery)).one() == 20


def test_two_who_claim_at_one_moment_claim_different_notices(house: House) -> None:
    pinged(house, made(house), 8)
    follow(house)

    def claims():
        with house.work() as work:
            return [parcel.id for parcel in claim_parcels(work, "me", 2)]

    first, second = at_once(claims, claims)
    assert not set(first) & set(second)  # type: ignore[call-overload]


def test_they_are_sent_and_shown(house: House) -> None:
    hook, post = made(house), Post()
    pinged(house, hook, 6)
    assert WebhookSender(house, post).send_due() == 6  # type: ignore[arg-type]
    assert len(set(post.sent)) == 6
    with house.read() as session:
        page = deliveries_of(session, hook, limit=4)
        rest = deliveries_of(session, hook, limit=4, cursor=page.next_cursor)
        (view,) = webhooks(session)
    assert (len(page.items), len(rest.items)) == (4, 2)
    assert view.last_taken_at == house.clock()


def test_of_two_same_requests_at_one_moment_one_makes_it(house: House) -> None:
    made_by: list[int] = []

    def act(work: Work) -> int:
        made_by.append(1)
        return 7

    def asks():
        with house.work(person("li.na")) as work:
            return once(work, "li.na", "crm-4711", {"what": "comment", "text": "x"}, lambda: act(work))

    came = at_once(asks, asks)
    with house.work(person("li.na")) as work:
        again = once(work, "li.na", "crm-4711", {"what": "comment", "text": "x"}, lambda: act(work))
    assert again == ("7", True)
    assert ("7", False) in came
    assert all(one in (("7", False), ("7", True)) or isinstance(one, Conflict) for one in came)
    assert len(made_by) <= 2, "what the loser made was rolled back with its work"


def test_the_figures_are_counted(house: House) -> None:
    made(house)
    with house.read() as session:
        found = figures(session, house.engine, house.clock())
    assert found.webhooks_active == 1
    assert found.database_bytes > 0
    assert found.audit_events > 0
