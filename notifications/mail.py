"""Mail: one message, one recipient, text and HTML.

The server is named by an Apprise address (``mailtos://user:password@host?from=…``) and read by Apprise. The message is
handed over by ``smtplib`` itself, because three things matter that Apprise's own sending does not give: whether a
failure came before or after the server had the message, a text part of our own, and a Message-ID that stays the same.
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from email.header import Header, decode_header, make_header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import formataddr, formatdate
from typing import Any

from config.languages import N_, translate
from models.operations.people import ChannelKind
from notifications.addresses import service_at
from notifications.channels import ChannelError, Envelope
from notifications.outward import NotReachable, resolved_host

SENDER_NAME = N_("Client risk")


@dataclass(frozen=True)
class MailServer:
    """How to reach a mail server and in whose name. ``mode`` is ``insecure``, ``starttls`` or ``ssl``."""

    host: str
    port: int
    mode: str
    sender: str
    sender_name: str | None
    reply_to: tuple[str, ...]
    timeout: float
    verify: bool
    ip: str | None = None  # connected to in the host's place, once that was looked at
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def mail_server(url: str) -> tuple[MailServer, list[str]]:
    """The server that an Apprise mail address names, and the recipients it names.

    Raises:
        ChannelError: it is no mail address, or asks for copies or encryption: a message is for one person's eyes.
    """
    service = service_at(url)
    if not hasattr(service, "smtp_host"):
        raise ChannelError("the mail address is not one of an SMTP server (mailto:// or mailtos://)", temporary=False)
    if service.cc or service.bcc or service.pgp_mode != "no":
        raise ChannelError("cc, bcc and pgp cannot be used: each message goes to one person alone", temporary=False)
    name, sender = service.from_addr
    name = str(make_header(decode_header(name))) if name else None
    server = MailServer(
        host=service.smtp_host,
        port=service.port,
        mode=str(service.secure_mode),
        sender=sender,
        sender_name=None if name == service.app_id else name,
        reply_to=tuple(sorted(service.reply_to)),
        timeout=float(service.socket_connect_timeout),
        verify=bool(service.verify_certificate),
        user=service.user,
        password=service.password,
    )
    return server, [address for _name, address in service.targets]


class MailChannel:
    """Sends through the company's server (``server_url``); a person's own ``mailto://`` address names another.

    That of the settings may be anywhere; one that an address names is of the public Internet, or of ``private_hosts``.
    """

    name = ChannelKind.MAIL.value
    deduplicates = False

    def __init__(self, server_url: str | None, private_hosts: Collection[str] = ()) -> None:
        self._server_url = server_url
        self._private_hosts = private_hosts

    def remembers(self, message_id: str) -> None:
        """A mail server cannot be asked."""
        return

    def send(self, envelope: Envelope) -> None:
        server, recipient = self._route(envelope.address)
        message = compose(server, recipient, envelope)
        with _connected(server) as smtp:
            _offer(smtp, server.sender, recipient)
            _hand_over(smtp, message.as_bytes(policy=compat32.clone(linesep="\r\n")))

    def _route(self, address: str) -> tuple[MailServer, str]:
        if "://" in address:
            server, recipients = mail_server(address)
            if len(recipients) != 1:
                raise ChannelError("the mail address names more than one recipient", temporary=False)
            return self._outside(server), recipients[0]
        if self._server_url is None:
            raise ChannelError("no mail server is set (CLIENTRISK_MAIL_URL)", temporary=True)
        return mail_server(self._server_url)[0], address

    def _outside(self, server: MailServer) -> MailServer:
        try:
            ip = resolved_host(server.host, server.port, self._private_hosts)
        except NotReachable as error:
            raise ChannelError(f"the mail server cannot be used: {error}", temporary=True) from None
        return replace(server, ip=ip)


def compose(server: MailServer, recipient: str, envelope: Envelope) -> Message:
    """The mail itself. Automatic answers to it are not wanted, and it says so."""
    # Not EmailMessage: folding a long Chinese subject, it loses blanks (Python 3.11).
    message = MIMEMultipart("alternative")
    sender_name = envelope.sender_name or server.sender_name or translate(SENDER_NAME, envelope.language)
    message["From"] = formataddr((_one_line(sender_name), _one_line(server.sender)))
    message["To"] = formataddr((_one_line(envelope.person_name), _one_line(recipient)))
    message["Subject"] = Header(_one_line(envelope.subject), "utf-8")  # type: ignore[assignment]
    if server.reply_to:
        message["Reply-To"] = ", ".join(server.reply_to)
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = f"<{envelope.message_id}@{server.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.attach(MIMEText(envelope.text, "plain", "utf-8"))
    message.attach(MIMEText(envelope.html, "html", "utf-8"))
    return message


def _one_line(value: str) -> str:
    """``value`` for a header. A line break would start a header of its own."""
    if len(value.splitlines()) > 1:
        raise ChannelError("a name or address holds a line break", temporary=False)
    return value


@contextlib.contextmanager
def _connected(server: MailServer) -> Iterator[smtplib.SMTP]:
    """A connection, signed in. Whatever fails here, no message was handed over."""
    try:
        smtp = _connect(server)
    except (OSError, smtplib.SMTPException) as error:
        raise ChannelError(f"the mail server cannot be used: {_short(error)}", temporary=True) from None
    try:
        yield smtp
        with contextlib.suppress(OSError, smtplib.SMTPException):
            smtp.quit()
    finally:
        smtp.close()


class _Plain(smtplib.SMTP):
    """Connects to the address that was looked at, if one was; the certificate is still to be that of the name."""

    def __init__(self, server: MailServer) -> None:
        self._ip = server.ip
        super().__init__(server.host, server.port, timeout=server.timeout)

    def connect(self, host: str = "", port: int = 0, source_address: Any = None) -> tuple[int, bytes]:
        return super().connect(self._ip or host, port, source_address)


class _Encrypted(smtplib.SMTP_SSL):
    """The same from the first byte on."""

    def __init__(self, server: MailServer, context: ssl.SSLContext) -> None:
        self._ip = server.ip
        super().__init__(server.host, server.port, timeout=server.timeout, context=context)

    def connect(self, host: str = "", port: int = 0, source_address: Any = None) -> tuple[int, bytes]:
        return super().connect(self._ip or host, port, source_address)


def _connect(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if not server.verify:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    smtp: smtplib.SMTP = _Encrypted(server, context) if server.mode == "ssl" else _Plain(server)
    try:
        if server.mode == "starttls":
            smtp.starttls(context=context)
        if server.user and server.password:
            smtp.login(server.user, server.password)
        smtp.ehlo_or_helo_if_needed()
    except BaseException:
        smtp.close()
        raise
    return smtp


def _offer(smtp: smtplib.SMTP, sender: str, recipient: str) -> None:
    """Say from whom and to whom. The server has no message yet."""
    try:
        code, answer = smtp.mail(sender)
        if code != 250:  # not this message's fault: the company's account is refused
            raise ChannelError(f"the mail server refuses the sender {sender}: {code}", temporary=True)
        code, answer = smtp.rcpt(recipient)
    except UnicodeError:
        raise ChannelError("the mail server takes no such characters in an address", temporary=False) from None
    except (OSError, smtplib.SMTPException) as error:
        raise ChannelError(f"the mail server broke off: {_short(error)}", temporary=True) from None
    _must_be_taken(code, answer)


def _hand_over(smtp: smtplib.SMTP, message: bytes) -> None:
    answer: bytes | str
    try:
        code, answer = smtp.data(message)
    except smtplib.SMTPDataError as refusal:
        code, answer = refusal.smtp_code, refusal.smtp_error
    except (OSError, smtplib.SMTPException) as error:
        raise ChannelError(
            f"the mail server fell silent while it took the message: {_short(error)}", temporary=True, unsure=True
        ) from None
    _must_be_taken(code, answer)


def _must_be_taken(code: int, answer: bytes | str) -> None:
    if code not in (250, 251):
        said = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
        raise ChannelError(f"the mail server refused it: {code} {said[:200]}", temporary=code < 500)


def _short(error: Exception) -> str:
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__} {code}" if code else f"{type(error).__name__}: {error}"[:200]
