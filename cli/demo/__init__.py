"""``clientrisk demo``: every process played through the real links, from the first message to the last."""

from __future__ import annotations

import shutil
import signal
import tempfile
import threading
from pathlib import Path
from typing import Annotated

import typer

from cli import sample
from cli.demo.account import Account
from cli.demo.play import play
from cli.product import Product, running_product
from cli.terminal import operator, say
from config.policy import load_policy
from config.problem import Problem
from config.settings import Settings
from models.house import open_house
from models.operations.access import issue_sign_in_link

app = typer.Typer(add_completion=False)

COMPANY = "徐州恒远物资有限公司"


@app.command()
def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the product up to look at; Ctrl-C stops it.")] = False,
) -> None:
    """Start a product of its own in a new folder, play every process with the sample company, and tell what happened.

    Every decision goes through the link that its person was sent. Ends with 1 if anything was not as it should be.
    """
    home = Path(tempfile.mkdtemp(prefix="clientrisk-demo-"))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    account = Account()
    worth_keeping = True
    try:
        account.part(f"A product of its own is started in {home}")
        with running_product(settings_of(home)) as product:
            account.line(f"It answers at {product.api_url}; Prefect at {product.prefect_url}")
            play(product, account)
            if keep:
                _stay(product)
        worth_keeping = bool(account.unmet)
    except KeyboardInterrupt:
        worth_keeping = False
        raise
    except Problem as problem:
        raise Problem(f"{problem}\nThe log is {home / 'logs' / 'product.log'}.") from None
    finally:
        if not worth_keeping:
            shutil.rmtree(home, ignore_errors=True)
    if account.unmet:
        say(f"\nNot everything was as it should be. What the product wrote is kept in {home}:")
        for expected in account.unmet:
            say(f"  {expected}")
        raise typer.Exit(1)


def settings_of(home: Path) -> Settings:
    """Settings that owe nothing to the environment: no real database, mail server or policy is ever touched."""
    defaults = {name: field.get_default(call_default_factory=True) for name, field in Settings.model_fields.items()}
    # Everybody's browsers are one program on one machine here: what it may ask for is not limited.
    return Settings(**{**defaults, "home": home, "company": COMPANY, "rate_limit_per_minute": 0})


def _stay(product: Product) -> None:
    """Leave the product up until Ctrl-C or SIGTERM."""
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    house = open_house(product.settings, load_policy())
    with house.work(operator()) as work:
        token = issue_sign_in_link(work, sample.ADMINISTRATOR)
    house.engine.dispose()
    say(f"\nThe product stays up at {product.api_url}; Prefect at {product.prefect_url}. Ctrl-C stops it.")
    say(f"Sign in once, within a quarter of an hour: {product.api_url}/sign-in/{token}")
    over.wait()
