"""The robots of WeCom, DingTalk and Feishu: Apprise's addresses, their own answers."""

import json
from urllib.parse import parse_qs

import httpx
import pytest

from config.words import Language
from models.errors import Invalid
from models.operations.people import ChannelKind
from notifications.addresses import service_at, understood
from notifications.channels import ChannelError, Envelope
from notifications.robots import RobotChannel

WECOM_KEY = "693a91f6-7aoc-4bc4-97a0-0ec2sifa5aaa"


def envelope(address: str, text: str = "王军，您好：\n请审批。\nhttps://risk.example/a/abc\n") -> Envelope:
    return Envelope(
        message_id="m1",
        kind="step_asked",
        case_ref="ONB-2026-000123",
        person_id="wang.jun",
        person_name="王军",
        language=Language.ZH_CN,
        subject="【客户风险】请办理：风险复评",
        address=address,
        text=text,
        html="",
        link="https://risk.example/a/abc",
    )


def robot(kind: ChannelKind, answer: httpx.Response | Exception, seen: list[httpx.Request]) -> RobotChannel:
    def serve(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return RobotChannel(kind, httpx.Client(transport=httpx.MockTransport(serve)))


def ok(**body: object) -> httpx.Response:
    return httpx.Response(200, json=body)


@pytest.mark.parametrize(
    ("address", "plugin"),
    [
        (f"wecombot://{WECOM_KEY}", "NotifyWeComBot"),
        (f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={WECOM_KEY}", "NotifyWeComBot"),
        ("dingtalk://a1b2c3d4e5f6", "NotifyDingTalk"),
        ("dingtalk://SECa1b2c3@a1b2c3d4e5f6/13800138000", "NotifyDingTalk"),
        ("feishu://a1b2c3d4-e5f6", "NotifyFeishu"),
        ("lark://a1b2c3d4-e5f6", "NotifyLark"),
    ],
)
def test_the_addresses_of_the_three_services_are_apprises(address, plugin):
    assert type(service_at(address)).__name__ == plugin


def test_wecom_gets_its_robots_key_and_plain_text():
    seen = []
    robot(ChannelKind.WECOM, ok(errcode=0, errmsg="ok"), seen).send(envelope(f"wecombot://{WECOM_KEY}"))
    assert str(seen[0].url) == f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={WECOM_KEY}"
    said = json.loads(seen[0].content)
    assert said["msgtype"] == "text"
    assert said["text"]["content"].startswith("【客户风险】请办理：风险复评\n\n王军，您好：")
    assert "https://risk.example/a/abc" in said["text"]["content"]


def test_dingtalk_is_signed_and_calls_the_persons_number():
    seen = []
    channel = robot(ChannelKind.DINGTALK, ok(errcode=0, errmsg="ok"), seen)
    channel.send(envelope("dingtalk://SECa1b2c3@a1b2c3d4e5f6/13800138000"))
    query = parse_qs(seen[0].url.query.decode())
    assert seen[0].url.host == "oapi.dingtalk.com"
    assert query["access_token"] == ["a1b2c3d4e5f6"]
    assert len(query["sign"][0]) == 44  # a SHA-256 in base64, not quoted twice
    assert query["timestamp"][0].isdigit()
    assert json.loads(seen[0].content)["at"]["atMobiles"] == ["13800138000"]


@pytest.mark.parametrize(
    ("address", "host"),
    [("feishu://a1b2c3d4-e5f6", "open.feishu.cn"), ("lark://a1b2c3d4-e5f6", "open.larksuite.com")],
)
def test_feishu_and_lark_get_text(address, host):
    seen = []
    robot(ChannelKind.FEISHU, ok(code=0, msg="success"), seen).send(envelope(address))
    assert (seen[0].url.host, seen[0].url.path) == (host, "/open-apis/bot/v2/hook/a1b2c3d4-e5f6")
    assert json.loads(seen[0].content)["msg_type"] == "text"


@pytest.mark.parametrize(
    ("kind", "address", "answer", "temporary"),
    [
        (ChannelKind.WECOM, f"wecombot://{WECOM_KEY}", {"errcode": 93000, "errmsg": "invalid webhook url"}, False),
        (ChannelKind.WECOM, f"wecombot://{WECOM_KEY}", {"errcode": 45009, "errmsg": "api freq out of limit"}, True),
        (ChannelKind.DINGTALK, "dingtalk://a1b2c3", {"errcode": 310000, "errmsg": "sign not match"}, False),
        (ChannelKind.DINGTALK, "dingtalk://a1b2c3", {"errcode": 130101, "errmsg": "send too fast"}, True),
        (ChannelKind.FEISHU, "feishu://a1b2c3", {"code": 19024, "msg": "Key Words Not Found"}, False),
        (ChannelKind.FEISHU, "feishu://a1b2c3", {"code": 11232, "msg": "frequency limited"}, True),
    ],
)
def test_a_robot_that_refuses_under_200_ok_has_refused(kind, address, answer, temporary):
    with pytest.raises(ChannelError, match="refused it") as failure:
        robot(kind, ok(**answer), []).send(envelope(address))
    assert (failure.value.temporary, failure.value.unsure) == (temporary, False)
    assert WECOM_KEY not in failure.value.reason


@pytest.mark.parametrize(
    ("answer", "temporary", "unsure"),
    [
        (httpx.ConnectError("no route"), True, False),
        (httpx.ReadTimeout("slow"), True, True),
        (httpx.Response(502), True, False),
        (httpx.Response(404), False, False),
        (httpx.Response(200, text="<html>a login page</html>"), True, True),
    ],
)
def test_every_way_of_failing_is_taken_for_what_it_is(answer, temporary, unsure):
    with pytest.raises(ChannelError) as failure:
        robot(ChannelKind.WECOM, answer, []).send(envelope(f"wecombot://{WECOM_KEY}"))
    assert (failure.value.temporary, failure.value.unsure) == (temporary, unsure)


def test_what_is_too_long_for_wecom_loses_its_end_but_never_its_link():
    seen = []
    channel = robot(ChannelKind.WECOM, ok(errcode=0), seen)
    channel.send(envelope(f"wecombot://{WECOM_KEY}", text="长" * 3000 + "\nhttps://risk.example/a/abc\n"))
    content = json.loads(seen[0].content)["text"]["content"]
    assert len(content.encode()) <= 2048
    assert content.endswith("…\nhttps://risk.example/a/abc")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" li.na@hengyuan.example ", "li.na@hengyuan.example"),
        (f"wecombot://{WECOM_KEY}", f"wecombot://{WECOM_KEY}"),
    ],
)
def test_an_address_is_kept_as_it_was_given(given, kept):
    assert understood(given) == kept


def test_the_address_wecom_shows_for_its_robot_is_taken():
    assert understood(f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={WECOM_KEY}").startswith(
        f"wecombot://{WECOM_KEY}"
    )


@pytest.mark.parametrize("nonsense", ["", "li.na", "@example.cn", "li.na@localhost", "nonsense://x", "dingtalk://"])
def test_nonsense_is_no_address(nonsense):
    with pytest.raises(Invalid, match="neither"):
        understood(nonsense)


def test_no_log_holds_a_robots_address(overheard):
    robot(ChannelKind.WECOM, ok(errcode=0), []).send(envelope(f"wecombot://{WECOM_KEY}"))
    assert WECOM_KEY not in overheard()
