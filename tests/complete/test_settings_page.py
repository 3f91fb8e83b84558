"""``docs/settings.md`` lists every setting, with the default and the description it has in the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8").splitlines()


def row(name: str) -> str:
    """The line of the page that this setting must have; copy it from a failing test."""
    field = Settings.model_fields[name]
    default = field.get_default(call_default_factory=True)
    shown = str(default).lower() if isinstance(default, bool) else str(default)
    return f"| `CLIENTRISK_{name.upper()}` | {'' if default in (None, []) else f'`{shown}`'} | {field.description} |"


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_is_on_the_page_with_its_default(name: str) -> None:
    assert row(name) in PAGE


def test_the_page_lists_no_setting_that_does_not_exist() -> None:
    listed = [line.split("`")[1] for line in PAGE if line.startswith("| `CLIENTRISK_")]
    assert listed == [f"CLIENTRISK_{name.upper()}" for name in Settings.model_fields]
