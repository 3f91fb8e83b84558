"""The client of Prefect's API when Prefect is not as expected."""

import httpx
import pytest

from api.prefect_client import PrefectAway, PrefectClient, PrefectRefused
from config.settings import Settings


def answering(settings: Settings, status: int, **said: object) -> PrefectClient:
    return PrefectClient(settings, httpx.MockTransport(lambda _: httpx.Response(status, **said)))  # type: ignore[arg-type]


def test_nobody_there_is_told_calmly_and_certainly_nothing_was_done(settings: Settings) -> None:
    nowhere = PrefectClient(settings.model_copy(update={"prefect_api_url": "http://127.0.0.1:1/api"}))
    with pytest.raises(PrefectAway, match="not answering") as away:
        nowhere.routines()
    assert not away.value.asked
    nowhere.close()


@pytest.mark.parametrize(
    ("status", "said", "asked", "told"),
    [
        (200, {"text": "<h1>It works!</h1>"}, False, "not answering"),  # something else at its address
        (503, {"json": {"detail": "database is locked"}}, True, "not answering"),
        (401, {"json": {"exception_message": "Unauthorized"}}, False, "PREFECT_API_AUTH_STRING"),
    ],
)
def test_an_answer_that_is_none_is_told_calmly(
    settings: Settings, status: int, said: dict[str, object], asked: bool, told: str
) -> None:
    with pytest.raises(PrefectAway, match=told) as away:
        answering(settings, status, **said).routines()
    assert away.value.asked is asked


def test_a_refusal_says_why(settings: Settings) -> None:
    refusing = answering(settings, 409, json={"detail": "Schedule slugs must be unique within a deployment."})
    with pytest.raises(PrefectRefused, match="slugs must be unique"):
        refusing.delete_schedule("d", "s")
    rejecting = answering(settings, 200, json={"status": "REJECT", "details": {"reason": "This run has ended."}})
    with pytest.raises(PrefectRefused, match="This run has ended"):
        rejecting.skip("r")


def test_a_server_with_a_password_is_given_it(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("authorization"))
        return httpx.Response(200, json=[])

    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "ops:geheim")
    PrefectClient(settings, httpx.MockTransport(answer)).routines()
    assert seen[0] == "Basic b3BzOmdlaGVpbQ=="
