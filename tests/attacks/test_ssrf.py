"""Whoever may name an address cannot send our server to doors that only it can reach, nor to this machine itself."""

from __future__ import annotations

import json
import socket
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from sqlmodel import select

from config.words import Language
from models.errors import Invalid
from models.operations.people import ChannelKind, add_channel, kind_of
from models.operations.webhook_deliveries import Parcel
from models.rules.webhook_address import address_of
from models.tables import Channel
from notifications import outward
from notifications.addresses import FURTHER_SERVICES, READS_FILES, service_at, understood
from notifications.apprise_channel import AppriseChannel
from notifications.channels import ChannelError, Envelope, channels_of
from notifications.mail import MailChannel
from notifications.webhook import WebhookChannel
from notifications.webhook_sender import Post

NOW = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)

WITHIN = (
    "127.0.0.1",
    "127.1",
    "2130706433",  # 127.0.0.1 as one number
    "0x7f000001",
    "0177.0.0.1",
    "0.0.0.0",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "intranet.localhost",
    "10.0.0.8",
    "172.16.4.1",
    "192.168.1.1",
    "100.64.0.1",
    "100.100.100.200",  # a cloud's metadata
    "169.254.169.254",  # another's
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[fe80::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fec0::1]",
    "[ff02::1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
)
"""Hosts of our own machine and network, in every way of writing them."""

ON_THIS_MACHINE = (
    "dbus://",
    "qt://",
    "kde://",
    "glib://",
    "gio://",
    "gnome://",
    "macosx://",
    "windows://",
    "syslog://",
    "rsyslog://loghost.example",
    "blink1://",
    "file:///etc/passwd",
    "ftp://files.example/x",
    "gopher://old.example/x",
    "vapid://li.na@hengyuan.example",
    "fcm://project/key?keyfile=/etc/passwd",
    "ntfy://topic@hooks.example",
    "gotify://hooks.example/token",
    "matrix://u:p@hooks.example",
    "mqtt://hooks.example/topic",
    "xml://hooks.example",
    "form://hooks.example",
    "apprise://hooks.example/token",
    "ncloud://u:p@hooks.example/me",
    "smpp://u:p@hooks.example:2775/1/2",
    "zulip://bot@evil.example.com/a6k4m8q2c0e4g6i8a6k4m8q2c0e4g6i8",
    "tgram://123456789:abcdefg_hijklmnop/12315544?template=/etc/passwd",
    "tgram://123456789:abcdefg_hijklmnop/12315544?TEMPLATE=http://10.0.0.8/x",
    "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/?template=/etc/passwd",
)


@pytest.mark.parametrize("host", WITHIN)
def test_no_address_of_the_own_network_can_be_named(host):
    for url in (f"https://{host}/x", f"https://{host}:8443/x", f"https://user@{host}/x"):
        with pytest.raises(Invalid):
            address_of(url, ())
    for address in (f"jsons://{host}/x", f"json://{host}/x", f"mailtos://u:p@{host}?from=a@b.cn&to=li.na@b.cn"):
        with pytest.raises(Invalid):
            understood(address)


@pytest.mark.parametrize("host", WITHIN)
def test_whatever_a_name_leads_to_is_looked_at_before_anything_is_sent(host, monkeypatch):
    """Rows that are there already, or a name that means another host since: the sending itself refuses."""
    bare = host.strip("[]")
    if not bare[0].isdigit() and ":" not in bare:
        bare = "127.0.0.1"
    found = socket.getaddrinfo(bare, 443, type=socket.SOCK_STREAM)
    monkeypatch.setattr(outward.socket, "getaddrinfo", lambda *_a, **_k: found)
    monkeypatch.setattr(httpx.Client, "stream", unreachable)
    for name in ("jsons://hooks.hengyuan.example/x", "mailtos://u:p@mail.hengyuan.example?from=a@b.cn&to=li.na@b.cn"):
        channel = WebhookChannel() if name.startswith("json") else MailChannel(None)
        with pytest.raises(ChannelError, match="private network"):
            channel.send(envelope(name))
    assert Post(()).send(parcel("https://hooks.hengyuan.example/x"), NOW).status is None


def test_of_several_addresses_of_a_name_none_may_be_within(monkeypatch):
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ("93.184.216.34", "10.0.0.8")]
    monkeypatch.setattr(outward.socket, "getaddrinfo", lambda *_a, **_k: both)
    with pytest.raises(outward.NotReachable, match="private network"):
        outward.resolved(address_of("https://hooks.hengyuan.example/x", ()))


@pytest.mark.parametrize("address", ON_THIS_MACHINE)
def test_no_service_is_spoken_to_that_touches_this_machine_or_any_host_it_is_told(address, house):
    with pytest.raises(Invalid):
        understood(address)
    for channel in channels_of(house.settings).values():
        if channel.name == kind_of(address).value:
            with pytest.raises(ChannelError):  # nor if it stands in the database already
                channel.send(envelope(address))


def test_the_services_that_are_spoken_to_go_to_hosts_of_their_own():
    """Looked at one by one; whoever adds one, or takes a new Apprise, looks at it here."""
    service_at("wecombot://0123456789abcdef")  # Apprise is loaded
    from apprise.manager_plugins import NotificationManager

    plugins = NotificationManager()
    for scheme in sorted(FURTHER_SERVICES):
        plugin = plugins[scheme]
        assert plugin is not None, scheme
        assert scheme in ({plugin.secure_protocol} | set(plugin.secure_protocol or ())), f"{scheme}: by https"
        assert not {"host", "hostname", "port", "org"} & set(plugin.template_tokens), f"{scheme}: no host is named"
        told = {name for name, one in plugin.template_args.items() if "alias_of" not in one}
        opened = {name for name in told if any(word in name for word in ("template", "file", "path", "attach", "cert"))}
        assert opened <= READS_FILES, f"{scheme}: {opened}"


def test_every_service_of_apprise_that_is_told_its_host_is_refused():
    from apprise.manager_plugins import NotificationManager

    walked = 0
    for plugin in NotificationManager().plugins():
        for scheme in schemes(plugin):
            if kind_of(f"{scheme}://x") is not ChannelKind.OTHER or scheme in FURTHER_SERVICES:
                continue
            walked += 1
            for rest in ("", "127.0.0.1", "u:p@127.0.0.1/a/b", "hooks.example/token"):
                with pytest.raises(Invalid):
                    understood(f"{scheme}://{rest}")
    assert walked > 100, "Apprise knows far more than we speak to"


def schemes(plugin):
    for named in (plugin.protocol, plugin.secure_protocol):
        yield from () if not named else (named,) if isinstance(named, str) else named


@pytest.mark.parametrize("address", ["jsons://127.0.0.1/x", "dbus://", "syslog://", "json://hooks.hengyuan.example/x"])
def test_on_the_page_and_by_program_such_an_address_is_refused_and_not_kept(office, address):
    browser = office.sign_in("xu.ming")
    form = office.forms("/operations/staff/wang.jun", browser)["add-channel"]
    page = browser.post("/operations/staff/wang.jun/add-channel", data={**form, "address": address})
    program = office.browser.post(
        "/api/v1/staff/wang.jun/channels", json={"address": address}, headers=office.token("xu.ming")
    )
    assert (page.status_code, program.status_code) == (422, 422)
    with office.house.read() as session:
        assert session.exec(select(Channel)).all() == []
    hook = office.browser.post(
        "/api/v1/webhooks",
        json={"name": "erp", "url": address.replace("json", "http"), "events": ["case.opened"]},
        headers=office.token("xu.ming"),
    )
    assert hook.status_code == 422


# -- what is connected to -----------------------------------------------------------------------------------------


class Receiver(ThreadingHTTPServer):
    """Within our network; sends whoever comes on to its own inner door, which must never be knocked at."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str, dict[str, str]]] = []


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        told = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.command, self.path, {**told, "body": body.decode()}))
        self.send_response(302 if self.path.startswith("/redirects") else 200)
        self.send_header("location", f"http://127.0.0.1:{self.server.server_address[1]}/inner")
        self.send_header("content-length", "0")
        self.end_headers()

    do_GET = do_PUT = do_POST

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def receiver():
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_redirect_is_not_followed(receiver):
    port = receiver.server_address[1]
    with pytest.raises(ChannelError, match="302"):
        WebhookChannel(["127.0.0.1"]).send(envelope(f"json://127.0.0.1:{port}/redirects?redirect=yes"))
    answer = Post(["127.0.0.1"]).send(parcel(f"http://127.0.0.1:{port}/redirects"), NOW)
    assert (answer.status, answer.taken) == (302, False)
    assert [path for _, path, _ in receiver.asked] == ["/redirects", "/redirects"]


def test_a_name_is_asked_for_once_and_the_connection_goes_where_it_led(receiver, monkeypatch):
    """DNS rebinding: the first answer is looked at, the second would lead elsewhere."""
    port, asked = receiver.server_address[1], []

    def once(host, *_a, **_k):
        asked.append(host)
        if len(asked) > 1 and host != "127.0.0.1":
            raise AssertionError("the name is asked for a second time")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(outward.socket, "getaddrinfo", once)
    WebhookChannel(["hooks.hengyuan.example"]).send(envelope(f"json://hooks.hengyuan.example:{port}/risk"))
    assert asked[0] == "hooks.hengyuan.example"
    assert asked.count("hooks.hengyuan.example") == 1
    ((_, path, headers),) = receiver.asked
    assert (path, headers["host"]) == ("/risk", f"hooks.hengyuan.example:{port}")


def test_no_proxy_of_the_environment_gets_to_see_a_message(receiver, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    port = receiver.server_address[1]
    WebhookChannel(["127.0.0.1"]).send(envelope(f"json://127.0.0.1:{port}/risk"))
    assert len(receiver.asked) == 1


def test_an_address_cannot_set_the_method_the_host_or_a_second_body(receiver):
    port = receiver.server_address[1]
    smuggling = f"json://127.0.0.1:{port}/risk?method=PUT&%2BHost=inner&%2BContent-Length=3&%2BX-Own=1&%3Aid=forged"
    WebhookChannel(["127.0.0.1"]).send(envelope(smuggling))
    ((method, path, headers),) = receiver.asked
    assert (method, path) == ("POST", "/risk")
    assert headers["host"] == f"127.0.0.1:{port}"
    assert headers["x-own"] == "1"
    assert json.loads(headers["body"])["id"] == "msg-1"


def test_a_header_in_an_address_cannot_start_another(receiver):
    port = receiver.server_address[1]
    with pytest.raises(ChannelError):
        WebhookChannel(["127.0.0.1"]).send(envelope(f"json://127.0.0.1:{port}/risk?%2BX-Own=a%0d%0aX-Evil:+1"))
    assert receiver.asked == []


def test_an_address_that_was_kept_before_is_given_up_and_operations_see_why(house):
    with house.work() as work:
        add_channel(work, "wang.jun", "syslog://")
    with pytest.raises(ChannelError) as refused:
        AppriseChannel().send(envelope("syslog://"))
    assert not refused.value.temporary
    assert "not sent to addresses of this kind" in refused.value.reason


def unreachable(*_a, **_k):
    raise AssertionError("a connection is made")


def envelope(address: str) -> Envelope:
    return Envelope(
        message_id="msg-1",
        kind="test_message",
        case_ref=None,
        person_id="li.na",
        person_name="李娜",
        language=Language.EN,
        subject="Hello",
        address=address,
        text="Hello",
        html="<p>Hello</p>",
        link=None,
    )


def parcel(url: str) -> Parcel:
    return Parcel(
        id=1, webhook_id=1, attempt=1, claimed_by="here", body={"id": "n-1"}, url=url, secret="whsec_AAAAAAAAAAAAAAAA"
    )
