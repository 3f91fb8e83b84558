"""Parameters that several operations share."""

from typing import Annotated

from fastapi import Depends, Header, Path, Query

from api.caller import Caller, caller_with
from models.operations.access import Scope

Reader = Annotated[Caller, Depends(caller_with(Scope.READ))]
Opener = Annotated[Caller, Depends(caller_with(Scope.OPEN))]
Decider = Annotated[Caller, Depends(caller_with(Scope.DECIDE))]
Bookkeeper = Annotated[Caller, Depends(caller_with(Scope.LEDGER))]
Operator = Annotated[Caller, Depends(caller_with(Scope.OPERATE))]

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=200,
        description="Any text that is new for each request; a repeat of the request sends it again.",
        examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ),
]
Limit = Annotated[int, Query(ge=1, le=200, description="Items on a page.")]
Cursor = Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before.")]
CaseRef = Annotated[str, Path(max_length=32, examples=["ONB-2026-000123"])]
SignerId = Annotated[int, Path(ge=1, le=2**53, description="The caller's place on a step; see `GET /steps`.")]
