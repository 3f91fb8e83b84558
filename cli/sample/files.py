"""The sample's files, and the days in them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from importlib import resources

from models.house import Work


def data(name: str) -> bytes:
    """A file of the sample as it is."""
    return (resources.files("cli.sample") / name).read_bytes()


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV file of the sample, by its header."""
    yield from csv.DictReader(data(name).decode("utf-8").splitlines())


def today(work: Work) -> date:
    """The company's date on the day of filling."""
    return work.house.calendar.day_of(work.now)


def days_ago(work: Work, number: str) -> date:
    """The company's date so many days before the day of filling."""
    return today(work) - timedelta(days=int(number))


def back_then(work: Work, number: str) -> Work:
    """The same unit of work, as if it were so many days earlier: what it enters bears that time."""
    return replace(work, now=work.now - timedelta(days=int(number)))
