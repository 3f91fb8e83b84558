"""The register of rights as a table: what ``docs/access.md`` shows and ``clientrisk people rights`` prints."""

from __future__ import annotations

from collections.abc import Iterator

from config.words import Department, Role
from models.rights import RULES, Right, Rule

YES, IF_SO, NO = "●", "○", ""


def cell(rule: Rule, role: Role) -> str:
    """Whether ``role`` opens it: by itself, only with a right it needs besides, or not."""
    if rule.everybody:
        return YES
    if role not in rule.roles:
        return NO
    return IF_SO if rule.needs is not None else YES


def also(rule: Rule) -> str:
    """Who else holds it: departments, and those who stand to the thing; and what is needed besides."""
    parts = []
    if rule.departments:
        parts.append("departments: " + ", ".join(one.label for one in Department if one in rule.departments))
    parts += [one.label[0].lower() + one.label[1:] for one in rule.relations]
    text = "; ".join(parts)
    if rule.needs is not None:
        text += ("; " if text else "") + f"needs “{rule.needs.label}” besides"
        if rule.enough:
            text += " (not: " + ", ".join(one.label[0].lower() + one.label[1:] for one in rule.enough) + ")"
    return text


def table() -> Iterator[str]:
    """The lines of the table in Markdown: a right each, a column for every role."""
    yield "| " + " | ".join(("What may be done", *(role.label for role in Role), "Who else, and what it needs")) + " |"
    yield "|" + "---|" * (len(Role) + 2)
    for right in Right:
        rule = RULES[right]
        cells = (cell(rule, role) for role in Role)
        yield "| " + " | ".join((f"{right.label} `{right.value}`", *cells, also(rule))) + " |"
