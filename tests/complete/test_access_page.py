"""``docs/access.md`` shows the register of rights as it is."""

from pathlib import Path

from models.rights_table import table

PAGE = (Path(__file__).parents[2] / "docs" / "access.md").read_text(encoding="utf-8")


def test_the_table_is_the_register() -> None:
    """Written anew by ``clientrisk people rights --table``."""
    shown = PAGE.split("--table` -->\n")[1].split("<!-- /rights -->")[0].splitlines()
    assert shown == list(table())
