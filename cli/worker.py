"""``clientrisk worker``: carry cases and send messages, until told to stop."""

from __future__ import annotations

import logging
import signal
import threading
import time
from typing import Annotated

import httpx
import typer

from config.logging import dress, set_up
from config.prefect import adopt_environment
from config.settings import get_settings
from models.doorbell import Doorbell
from models.house import House
from models.installation import installed_house
from models.operations.schedules import as_they_stood

app = typer.Typer(add_completion=False)
log = logging.getLogger("clientrisk.worker")


@app.command()
def worker(
    register: Annotated[bool, typer.Option(help="Register every flow's deployment first.")] = False,
) -> None:
    """Serve the work pool and send messages. SIGTERM and Ctrl-C let segments under way end."""
    set_up(get_settings())
    adopt_environment(get_settings())  # before Prefect is imported
    stop = threading.Event()
    house = installed_house()
    bell = Doorbell(house.engine)

    def end(*_: object) -> None:
        stop.set()
        bell.ring()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    from flows.worker import Worker
    from notifications.channels import channels_of
    from notifications.sender import Sender
    from notifications.webhook_sender import WebhookSender

    dress("prefect", house.settings)
    with bell.listening():
        sender = threading.Thread(
            target=Sender(house, channels_of(house.settings)).run, args=(stop, bell.listener()), name="sender"
        )
        webhooks = threading.Thread(target=WebhookSender(house).run, args=(stop, bell.listener()), name="webhooks")
        sender.start()
        webhooks.start()
        if register:
            _register(stop, house)
        if not stop.is_set():
            print("worker ready", flush=True)
            Worker(house, bell).run(stop)
        sender.join()
        webhooks.join()


def _register(stop: threading.Event, house: House) -> None:
    """Register deployments as soon as the Prefect server answers."""
    from prefect.client.orchestration import get_client

    from flows.deployments import register as register_deployments

    while not stop.is_set():
        try:
            with get_client(sync_client=True) as client:
                client.hello()
                kept = as_they_stood(house)
                register_deployments(client, house.settings.work_pool, house.settings.time_zone, kept)
            return
        except (httpx.HTTPError, RuntimeError) as error:
            log.debug("waiting for Prefect: %s", error)
            time.sleep(0.2)
