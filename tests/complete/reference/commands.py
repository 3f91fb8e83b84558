"""Every command with its arguments and options, as ``--help`` tells them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import typer

from cli.main import COMMANDS
from tests.complete.reference.writing import code, heading, joined, table


def page() -> str:
    lines = heading(
        "Commands, option by option",
        "What each is for, and what it needs, is told in [commands.md](../commands.md).",
    )
    for name, (module, _) in COMMANDS.items():
        for called, command in _leaves(f"clientrisk {name}", typer.main.get_command(import_module(module).app)):
            lines += [f"## {called}", "", _plain(command.help or ""), ""]
            rows = [_row(one) for one in command.params if one.name != "help" and not getattr(one, "hidden", False)]
            if rows:
                lines += table(("", "", "default", "meaning"), rows)
    return joined(lines)


def _leaves(called: str, command: Any) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield called, command
        return
    for name, one in below.items():
        yield from _leaves(f"{called} {name}", one)


def _row(one: Any) -> tuple[str, str, str, str]:
    if one.param_type_name == "argument":
        called, kind = code((one.metavar or one.name).upper()), "needed" if one.required else "argument"
    else:
        names = " / ".join(code(name) for name in (*one.opts, *one.secondary_opts))
        metavar = "" if getattr(one, "is_flag", False) else f" {_type(one)}"
        called, kind = names + metavar, "needed" if one.required else "option"
    default = one.default if isinstance(one.default, str | int) and not isinstance(one.default, bool) else ""
    return called, kind, code(default), _plain(one.help or "")


def _type(one: Any) -> str:
    """What an option takes: one of some words, or a kind of value."""
    kind = one.type_descriptor
    return (
        " or ".join(code(getattr(choice, "value", choice)) for choice in kind.choices)
        if kind.choices
        else one.bare_type().upper()
    )


def _plain(help_text: str) -> str:
    return re.sub(r"\s+", " ", help_text).strip()
