"""Links, sessions and tokens. Only the hash of a secret is ever stored."""

from sqlmodel import Field, SQLModel

from models.tables.base import datetime, instant, json


class ApprovalLink(SQLModel, table=True):
    """A link in a notification: it opens one step for one person, as long as the step is theirs."""

    __tablename__ = "approval_link"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    signer_id: int = Field(foreign_key="signer.id", index=True)
    step_id: int = Field(foreign_key="step.id", index=True)
    content_hash: str = Field(max_length=64)
    created_at: datetime = instant()
    expires_at: datetime = instant()
    revoked_at: datetime | None = instant(nullable=True)


class SignInLink(SQLModel, table=True):
    """A one-time link that signs a person in; showing it does not use it."""

    __tablename__ = "sign_in_link"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    person_id: str = Field(foreign_key="person.id", max_length=64, index=True)
    created_at: datetime = instant()
    expires_at: datetime = instant()
    used_at: datetime | None = instant(nullable=True)


class WebSession(SQLModel, table=True):
    """A signed-in browser."""

    __tablename__ = "web_session"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    person_id: str = Field(foreign_key="person.id", max_length=64, index=True)
    created_at: datetime = instant()
    expires_at: datetime = instant()
    revoked_at: datetime | None = instant(nullable=True)


class ApiToken(SQLModel, table=True):
    """A program's key. It acts for a person, within scopes."""

    __tablename__ = "api_token"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=64, unique=True)
    label: str = Field(max_length=80)
    person_id: str = Field(foreign_key="person.id", max_length=64, index=True)
    scopes: list[str] = json(list)
    created_at: datetime = instant()
    expires_at: datetime | None = instant(nullable=True)
    revoked_at: datetime | None = instant(nullable=True)
