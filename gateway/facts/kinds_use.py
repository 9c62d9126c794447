"""Kinds of facts about use, openings, the line and the PCs of a site."""

from gateway.facts.fact import Kind
from gateway.facts.fields import Field, Type

_T = Type

SESSION = Kind(
    "session",
    "One span of admitted access of one device. Never revised: another text of the same number is refused.",
    (
        Field("id", _T.TOKEN, "number of the session at its site", required=True),
        Field("access", _T.WORD, "how the device was connected", required=True, words=("wifi", "kiosk")),
        Field("device", _T.TOKEN, "stands for the device; never a MAC address", required=True),
        Field("person", _T.TOKEN, "stands for who signed in; missing: nobody did. Never a name"),
        Field("pc", _T.TOKEN, "code of the public PC it was at"),
        Field("start", _T.INSTANT, "when it was admitted", required=True),
        Field("stop", _T.INSTANT, "last packet, or its end; the span is [start, stop)", required=True),
        Field("accepted", _T.FLAG, "false: only the first page was seen; counts nowhere. Missing: true"),
        Field("staff", _T.FLAG, "a staff device when it started; counts nowhere. Missing: false"),
        Field("up_bytes", _T.BYTES, "from the device, IP packets whole"),
        Field("down_bytes", _T.BYTES, "to the device"),
    ),
    ("id",),
    ("start", "stop"),
    term="10 years; `device` and `person` only until 90 days after `stop`, then a number of the visit stands there",
)
VIEW = Kind(
    "view",
    "One splash page shown, or what was told on it; attempts are made of them.",
    (
        Field("id", _T.COUNT, "orders the views of one second", required=True),
        Field("device", _T.TOKEN, "stands for the device; never a MAC address", required=True),
        Field("at", _T.INSTANT, "when it was shown", required=True),
        Field("outcome", _T.WORD, "what it told; missing: seen", words=("seen", "refused", "admitted")),
        Field("staff", _T.FLAG, "a staff device; counts nowhere"),
    ),
    ("id",),
    ("at",),
    term="7 days when it was counted here; imported ones 90 days",
)
ATTEMPT_DAY = Kind(
    "attempt_day",
    "Attempts of a day, noted before the views that they were counted from go. It wins over views.",
    (
        Field("day", _T.DAY, "the day", required=True),
        Field("attempts", _T.COUNT, "splash views, one a device in 30 minutes", required=True),
        Field("rejected", _T.COUNT, "of which ended with a refusal", required=True),
    ),
    ("day",),
    ("day",),
)
BLOCKED = Kind(
    "blocked",
    "Questions the filter refused on a day, once in 30 s a device and domain.",
    (
        Field("day", _T.DAY, "the day", required=True),
        Field("category", _T.TOKEN, "group of content", required=True),
        Field("count", _T.COUNT, "how many", required=True),
    ),
    ("day", "category"),
    ("day",),
    term="3 years",
)
MONTH_DEVICES = Kind(
    "month_devices",
    "How many devices a month had, noted before its sessions lost what told them apart. Not a number of people.",
    (
        Field("month", _T.MONTH, "the month", required=True),
        Field("devices", _T.COUNT, "distinct devices of counted sessions", required=True),
        Field("local", _T.COUNT, "of which with an address the device made up, perhaps another tomorrow"),
        Field("most_a_day", _T.COUNT, "distinct devices of the day that had most"),
        Field("persons", _T.COUNT, "distinct persons who signed in"),
        Field("wifi_persons", _T.COUNT, "of which on Wi-Fi"),
        Field("wifi_logins", _T.COUNT, "distinct pairs of a person and a device of theirs on Wi-Fi"),
    ),
    ("month",),
    ("month",),
)
HAND_COUNT = Kind(
    "hand_count",
    "Visits of a month out of a register kept by hand: the base year. It wins over a count of the gateway.",
    (
        Field("month", _T.MONTH, "the month", required=True),
        Field("visits", _T.COUNT, "all visits", required=True),
        Field("kiosk_visits", _T.COUNT, "of which at public PCs"),
        Field("wifi_visits", _T.COUNT, "of which over Wi-Fi"),
        Field("served_s", _T.SECONDS, "time open in the month, for growth per service hour"),
        Field("document", _T.TEXT, "the register or paper it comes from", required=True),
    ),
    ("month",),
    ("month",),
)
EVENT = Kind(
    "event",
    "An event with a head count of the staff: many phones behind one hot-spot are one device.",
    (
        Field("id", _T.TOKEN, "its number", required=True),
        Field("day", _T.DAY, "the day", required=True),
        Field("title", _T.TEXT, "what it was", required=True),
        Field("heads", _T.COUNT, "people counted", required=True),
    ),
    ("id",),
    ("day",),
)
DOOR = Kind(
    "door",
    "Staff opened or closed the site.",
    (
        Field("at", _T.INSTANT, "when", required=True),
        Field("opens", _T.FLAG, "true: opened", required=True),
        Field("by", _T.TEXT, "who said so; a post, not a name"),
    ),
    ("at", "opens"),
    ("at",),
)
HEARTBEAT = Kind(
    "heartbeat",
    "A span in which the gateway was alive, out of its signs of life each 30 s.",
    (
        Field("begin", _T.INSTANT, "first sign", required=True),
        Field("end", _T.INSTANT, "last sign", required=True),
    ),
    ("begin",),
    ("begin", "end"),
)
OUTAGE = Kind(
    "outage",
    "A span in which the line, the power or the gateway was down.",
    (
        Field("id", _T.TOKEN, "its number", required=True),
        Field("begin", _T.INSTANT, "first failure", required=True),
        Field("end", _T.INSTANT, "first success; missing: it goes on"),
        Field(
            "cause",
            _T.WORD,
            "whose it is; the ISP's alone enter the credit claim",
            required=True,
            words=("isp", "power", "gateway", "planned", "unknown"),
        ),
        Field("reported_at", _T.INSTANT, "when the ISP was told"),
        Field("ticket", _T.TEXT, "the ISP's number of the incident"),
        Field("note", _T.TEXT, "what else is known"),
        Field("failed_rounds", _T.COUNT, "looks at the line that failed, one each half minute"),
        Field("unanswered", _T.COUNT, "questions in them that nobody answered"),
        Field("evidence_sha256", _T.SHA256, "hash of the log it rests on"),
    ),
    ("id",),
    ("begin", "end"),
)
SPEED = Kind(
    "speed_test",
    "One measurement of the line's speed.",
    (
        Field("at", _T.INSTANT, "when", required=True),
        Field("kbit_s", _T.KBIT_S, "measured", required=True),
        Field("client_kbit_s", _T.KBIT_S, "what patrons moved meanwhile", required=True),
        Field("lasted_s", _T.SECONDS, "how long it ran", required=True),
        Field("wired", _T.FLAG, "over a cable. Missing: true"),
    ),
    ("at",),
    ("at",),
)
WAN_DAY = Kind(
    "wan_day",
    "Bytes at the line's interface on a day (volume per day, Annex D).",
    (
        Field("day", _T.DAY, "the day", required=True),
        Field("up_bytes", _T.BYTES, "to the ISP", required=True),
        Field("down_bytes", _T.BYTES, "from the ISP", required=True),
    ),
    ("day",),
    ("day",),
)
CARRIED = Kind(
    "carried_day",
    "Bytes that passed between the library's network and the line on a day, counted by the kernel apart from sessions.",
    (
        Field("day", _T.DAY, "the day", required=True),
        Field("up_bytes", _T.BYTES, "to the line", required=True),
        Field("down_bytes", _T.BYTES, "from the line", required=True),
        Field("session_up_bytes", _T.BYTES, "of which the sessions' sum, staff's too", required=True),
        Field("session_down_bytes", _T.BYTES, "the same, down", required=True),
        Field("open_up_bytes", _T.BYTES, "of which to sites that are open before login"),
        Field("open_down_bytes", _T.BYTES, "the same, down"),
    ),
    ("day",),
    ("day",),
)
PC = Kind(
    "pc",
    "One public PC of the inventory.",
    (
        Field("code", _T.TOKEN, "its code on the label", required=True),
        Field("bought_on", _T.DAY, "in service from this day on", required=True),
        Field("retired_on", _T.DAY, "first day on which it is no longer in service"),
        Field("place", _T.TEXT, "where it stands"),
        Field("model", _T.TEXT, "make and model"),
        Field("serial", _T.TEXT, "serial number"),
        Field("asset_code", _T.TEXT, "number in the asset register"),
        Field("cost_vnd", _T.VND, "what it cost"),
        Field("source", _T.TEXT, "who paid: budget, project, gift"),
        Field("warranty_until", _T.DAY, "last day of the warranty"),
        Field("proposal", _T.TEXT, "what the site proposes: repair, replace"),
    ),
    ("code",),
)
PC_FAULT = Kind(
    "pc_fault",
    "A fault ticket, or a failed self-test.",
    (
        Field("pc", _T.TOKEN, "the PC", required=True),
        Field("begin", _T.INSTANT, "since when it is out of order", required=True),
        Field("end", _T.INSTANT, "when it worked again; missing: it does not yet"),
        Field("what", _T.TEXT, "what is wrong", required=True),
        Field("done", _T.TEXT, "what was done"),
        Field("cost_vnd", _T.VND, "what the repair cost"),
        Field("reported", _T.FLAG, "somebody was asked to repair it"),
        Field("reported_to", _T.TEXT, "who was asked: a firm or a post"),
        Field("reported_at", _T.INSTANT, "when they were asked"),
    ),
    ("pc", "begin"),
    ("begin", "end"),
)
PC_SEEN = Kind(
    "pc_seen",
    "A probe found a PC on the network, or its session program said it works.",
    (
        Field("pc", _T.TOKEN, "the PC", required=True),
        Field("at", _T.INSTANT, "when", required=True),
        Field("until", _T.INSTANT, "it was found again each few minutes until then, within the day; missing: once"),
    ),
    ("pc", "at"),
    ("at",),
)

USE = (
    SESSION, VIEW, ATTEMPT_DAY, BLOCKED, MONTH_DEVICES, HAND_COUNT, EVENT, DOOR, HEARTBEAT, OUTAGE, SPEED, WAN_DAY,
    CARRIED, PC, PC_FAULT, PC_SEEN,
)  # fmt: skip
