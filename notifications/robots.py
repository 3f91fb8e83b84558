"""The robots of WeCom, DingTalk and Feishu (Lark): one POST each, addressed as Apprise does.

Apprise reads the address and signs; the POST is our own, because these services answer ``200 OK`` to what they refuse
and say so only in the answer's body. A robot cannot be asked what it has sent, and takes the same message twice.
Messages are plain text: in Markdown a customer's name could hold a link, and WeChat does not show WeCom's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from models.operations.people import ChannelKind
from notifications.addresses import service_at
from notifications.channels import ChannelError, Envelope

if TYPE_CHECKING:
    import httpx

TIMEOUT_SECONDS = 10.0

_HOSTS = ("qyapi.weixin.qq.com", "oapi.dingtalk.com", "open.feishu.cn", "open.larksuite.com")

BUSY = {
    ChannelKind.WECOM: {-1, 45009, 45033},  # system busy; calls too often; too many at once
    ChannelKind.DINGTALK: {-1, 130101, 410100},  # system busy; sent too fast
    ChannelKind.FEISHU: {11232, 11233, 99991400},  # frequency limited
}
"""Answers that say: later. Any other refusal will be the same tomorrow (a robot that is gone, a word not allowed)."""


@dataclass(frozen=True)
class Post:
    """What a robot is sent, and where."""

    url: str
    payload: dict[str, Any]
    params: dict[str, str] | None = None


def _wecom(robot: Any, envelope: Envelope) -> Post:
    return Post(robot.api_url, {"msgtype": "text", "text": {"content": _fitting(envelope, 2048)}})


def _dingtalk(robot: Any, envelope: Envelope) -> Post:
    payload = {
        "msgtype": "text",
        "text": {"content": _fitting(envelope, 18_000)},
        "at": {"atMobiles": robot.targets, "isAtAll": False},
    }
    params = None
    if robot.secret:
        timestamp, signature = robot.get_signature()
        # Apprise quotes the signature once, and so would the query string again.
        params = {"timestamp": timestamp, "sign": robot.unquote(signature)}
    return Post(robot.notify_url.format(token=robot.token), payload, params)


def _feishu(robot: Any, envelope: Envelope) -> Post:
    url = getattr(robot, "webhook_url", None) or robot.notify_url.format(token=robot.token).rstrip("/")
    return Post(url, {"msg_type": "text", "content": {"text": _fitting(envelope, 18_000)}})


_POSTS: dict[ChannelKind, Callable[[Any, Envelope], Post]] = {
    ChannelKind.WECOM: _wecom,
    ChannelKind.DINGTALK: _dingtalk,
    ChannelKind.FEISHU: _feishu,
}


def _fitting(envelope: Envelope, limit: int) -> str:
    """Subject and text in at most ``limit`` bytes of UTF-8. What is too long loses its end, never its link."""
    whole = f"{envelope.subject}\n\n{envelope.text}"
    if len(whole.encode()) <= limit:
        return whole
    end = f"…\n{envelope.link or ''}"
    return whole.encode()[: limit - len(end.encode())].decode("utf-8", "ignore") + end


def _names_no_robot(record: logging.LogRecord) -> bool:
    """Keeps robots' addresses out of the log: whoever knows one can write to its group."""
    return not any(host in record.getMessage() for host in _HOSTS)


class RobotChannel:
    """The robots of one service. ``client`` is for tests; without it one is opened with the first message."""

    deduplicates = False

    def __init__(self, kind: ChannelKind, client: httpx.Client | None = None) -> None:
        self.name = kind.value
        self._kind = kind
        self._given = client

    @cached_property
    def _client(self) -> httpx.Client:
        import httpx

        logging.getLogger("httpx").addFilter(_names_no_robot)
        return self._given or httpx.Client(timeout=TIMEOUT_SECONDS)

    def remembers(self, message_id: str) -> None:
        """A robot cannot be asked."""
        return

    def send(self, envelope: Envelope) -> None:
        post = _POSTS[self._kind](service_at(envelope.address), envelope)
        self._must_be_taken(self._answer(post))

    def _answer(self, post: Post) -> httpx.Response:
        import httpx

        try:
            url = httpx.URL(post.url).copy_merge_params(post.params or {})
            return self._client.post(url, json=post.payload)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise ChannelError(f"{self.name} cannot be reached: {type(error).__name__}", temporary=True) from None
        except httpx.HTTPError as error:
            reason = f"{self.name} fell silent while it took the message: {type(error).__name__}"
            raise ChannelError(reason, temporary=True, unsure=True) from None

    def _must_be_taken(self, answer: httpx.Response) -> None:
        if answer.status_code != 200:
            later = answer.status_code >= 500 or answer.status_code == 429
            raise ChannelError(f"{self.name} answered {answer.status_code}", temporary=later)
        try:
            said = answer.json()
            code = int(said.get("errcode", said.get("code", said.get("StatusCode"))))
        except (ValueError, TypeError, AttributeError):
            raise ChannelError(f"{self.name} gave no answer that can be read", temporary=True, unsure=True) from None
        if code != 0:
            word = str(said.get("errmsg", said.get("msg", "")))[:200]
            raise ChannelError(f"{self.name} refused it: {code} {word}", temporary=code in BUSY[self._kind])
