"""The staff, and where each person can be reached."""

from sqlmodel import Field, SQLModel

from config.words import Department, Language, Role
from models.tables.base import encrypted, json, word


class Person(SQLModel, table=True):
    """A member of staff. ``roles`` says what they may be asked to sign."""

    __tablename__ = "person"

    id: str = Field(primary_key=True, max_length=64)
    name: str = Field(max_length=80)
    email: str | None = Field(default=None, max_length=254, index=True)
    department: Department = word(Department)
    roles: list[Role] = json(list)
    manager_id: str | None = Field(default=None, foreign_key="person.id", max_length=64)
    language: Language | None = word(Language, nullable=True)
    active: bool = True


class Channel(SQLModel, table=True):
    """One address of one person, as an Apprise URL. Encrypted: such addresses contain tokens."""

    __tablename__ = "channel"

    id: int | None = Field(default=None, primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True, max_length=64)
    kind: str = Field(max_length=32)
    address: str = encrypted()
    active: bool = True
