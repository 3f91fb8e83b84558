"""What operations did, as lists of it say."""

from config.languages import N_

DOINGS: dict[str, str] = {
    "case.cancelled": N_("cancelled a case"),
    "case.tried-again": N_("let a case try again"),
    "case.woken": N_("had a case looked at again"),
    "channel.added": N_("added an address"),
    "channel.removed": N_("took an address away"),
    "message.left-out": N_("left a message out"),
    "message.sent-again": N_("sent a message again"),
    "message.sent-anew": N_("wrote a message anew"),
    "messages.sent-again": N_("sent all given up on a channel again"),
    "person.added": N_("put somebody on the register"),
    "person.changed": N_("changed an entry of the register"),
    "person.handed-on": N_("handed on what waited for somebody"),
    "sign-in.link-sent": N_("sent a sign-in link"),
    "staff.imported": N_("imported a file of staff"),
}
"""By the event's name."""
