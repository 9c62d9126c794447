"""What is stored of a patron: each column of the store, the words of the terms text that name it, and its end.

`tests/edge/test_kept.py` holds this table against the schema, the texts of both languages, the night's deletions and
what each way in writes. A new column of a patron's belongs here, with words in the text; others in NOT_PERSONAL.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta

from gateway.access.login import Method
from gateway.flows.keeping import ATTEMPT_TERM, MAC_TERM, SESSION_TERM

_NAMED = (Method.VOUCHER, Method.ACCOUNT, Method.CARD, Method.RADIUS)

POINTS: dict[str, tuple[Method, ...] | None] = {
    "kept": None,
    "kept_return": None,
    "kept_device": None,
    "kept_person": _NAMED,
    "kept_voucher": (Method.VOUCHER,),
    "kept_account": (Method.ACCOUNT,),
    "kept_card": (Method.CARD,),
    "kept_radius": (Method.RADIUS,),
    "kept_approval": (Method.APPROVAL,),
    "kept_purpose": (),
}
"""Each point of the terms that tells what is kept, and the methods that keep it; None: whoever comes. The question
what for is a setting of its own."""


def points_for(methods: Collection[Method], *, asks_purpose: bool) -> Iterator[str]:
    """The keys of the points that hold with these settings, in their order."""
    for point, by in POINTS.items():
        if by is None or set(by) & set(methods) or (point == "kept_purpose" and asks_purpose):
            yield f"terms.{point}"


@dataclass(frozen=True, slots=True)
class Kept:
    """Columns that a few words of one point name."""

    point: str
    words: dict[str, str]
    """By language, as they stand in the text."""
    columns: str
    """table.column, with blanks between."""
    term: timedelta | None = None
    """After which the night deletes them; None: they stay, and the text says so."""


def _kept(point: str, vi: str, en: str, columns: str, term: timedelta | None = SESSION_TERM) -> Kept:
    return Kept(point, {"vi": vi, "en": en}, columns, term)


PERSONAL = (
    _kept("kept", "giờ vào", "time in", "sessions.opened_at sessions.opened_boot_s sessions.boot_id"),
    _kept("kept", "giờ ra", "time out", "sessions.stopped_at sessions.active_boot_s sessions.state"),
    _kept("kept", "vì sao phiên dừng", "why it ended", "sessions.cause"),
    _kept(
        "kept",
        "lượng dữ liệu theo từng phút",
        "amount of data by the minute",
        """usage.at usage.session_id usage.reading usage.up_bytes usage.down_bytes usage.closing sessions.epoch
        sessions.read_boot_s sessions.base_up_bytes sessions.base_down_bytes sessions.total_up_bytes
        sessions.total_down_bytes sessions.readings""",
    ),
    _kept("kept", "cách vào mạng", "way in", "sessions.method"),
    _kept(
        "kept", "máy riêng hay máy thư viện", "own device or library PC", "sessions.kind sessions.counted sessions.pc"
    ),
    _kept(
        "kept",
        "mức sử dụng được cấp",
        "what it may use",
        """sessions.profile sessions.session_s sessions.idle_s sessions.limit_bytes sessions.up_kbit_s
        sessions.down_kbit_s""",
    ),
    _kept(
        "kept",
        "bản nội quy đã đồng ý và lúc đồng ý",
        "the rules you agreed to and when",
        "consents.session_id consents.terms_version consents.accepted_at",
    ),
    _kept("kept", "mã thiết bị", "a device code", "sessions.id sessions.client_id"),
    _kept("kept", "địa chỉ mạng của máy", "the device's network address", "clients.mac", MAC_TERM),
    _kept("kept", "một số ngẫu nhiên", "a random number", "clients.id clients.last_seen_at", None),
    _kept(
        "kept",
        "lúc mở trang này",
        "when you opened this page",
        "attempts.opened_at attempts.client_id attempts.admitted",
        ATTEMPT_TERM,
    ),
    _kept("kept", "có bị từ chối không", "whether you were refused", "attempts.refused", ATTEMPT_TERM),
    _kept(
        "kept",
        "Mã đếm số thiết bị",
        "Codes that count devices",
        """device_periods.key device_keys.period device_keys.device device_keys.local device_logins.period
        device_logins.person device_logins.device device_logins.wifi""",
        MAC_TERM,
    ),
    _kept("kept_return", "phiên nào nối tiếp phiên nào", "which session went on", "sessions.resumed_from"),
    _kept("kept_return", "máy đó trước là máy nào", "which device it was before", "sessions.counted_as"),
    _kept(
        "kept_return",
        "xóa cùng địa chỉ mạng",
        "deleted with the network address",
        "same_clients.client_id same_clients.same_as",
        MAC_TERM,
    ),
    _kept(
        "kept_device",
        "địa chỉ mạng, tên máy, quyền, lý do, ngày ghi, thời hạn và người ghi",
        "network address, name, standing, reason, dates and who entered it",
        """devices.mac devices.name devices.standing devices.profile devices.reason devices.since_at devices.until_at
        devices.author""",
        MAC_TERM,
    ),
    _kept("kept_person", "mã bí danh", "a pseudonym", "sessions.person"),
    _kept("kept_voucher", "phiếu nào đã mở phiên nào", "which slip opened which session", "sessions.voucher_id"),
    _kept(
        "kept_voucher",
        "phiếu đã dùng bao nhiêu",
        "how much of it is used",
        "vouchers.id vouchers.batch_id vouchers.number vouchers.past_s vouchers.past_bytes vouchers.past_sessions",
    ),
    _kept("kept_voucher", "dùng lần đầu khi nào", "when it was first used", "vouchers.first_used_at"),
    _kept("kept_voucher", "dạng mã hóa một chiều của mã phiếu", "a one-way hash of its code", "vouchers.tag"),
    _kept(
        "kept_voucher",
        "ai đã thu hồi phiếu, khi nào",
        "who withdrew it when",
        "vouchers.revoked_at vouchers.revoked_by",
    ),
    _kept("kept_account", "tên đăng nhập", "its name", "local_accounts.name local_accounts.name_key"),
    _kept("kept_account", "loại tài khoản, ghi chú", "kind, note", "local_accounts.kind local_accounts.note"),
    _kept(
        "kept_account",
        "nhóm, tình trạng, ngày lập và thời hạn",
        "group, state, dates",
        """local_accounts.id local_accounts.profile local_accounts.state local_accounts.made_at
        local_accounts.valid_until""",
    ),
    _kept(
        "kept_account", "mật khẩu ở dạng mã hóa một chiều", "the password as a one-way hash", "local_accounts.password"
    ),
    _kept(
        "kept_account",
        "cán bộ nào đã sửa tài khoản số mấy",
        "which of the staff changed which account number",
        """local_account_trail.id local_account_trail.at local_account_trail.author local_account_trail.deed
        local_account_trail.account_id""",
    ),
    _kept("kept_radius", "tên được xóa", "the name is deleted", "radius_sessions.user_name", MAC_TERM),
    _kept(
        "kept_radius",
        "số hiệu phiên của máy chủ",
        "that server's marks of the session",
        """radius_sessions.session_id radius_sessions.acct_session_id radius_sessions.classes radius_sessions.interim_s
        radius_sessions.started radius_sessions.told_boot_s""",
        MAC_TERM,
    ),
    _kept(
        "kept_approval",
        "thiết bị nào đã hỏi",
        "which device asked",
        "approvals.client_id",
        MAC_TERM,
    ),
    _kept(
        "kept_approval",
        "mã số, lúc hỏi, bản nội quy",
        "the code, the time, the rules agreed to",
        "approvals.id approvals.code approvals.asked_at approvals.terms_version",
    ),
    _kept(
        "kept_approval",
        "câu trả lời, ai trả lời, khi nào",
        "the answer, who gave it and when",
        """approvals.state approvals.answered_at approvals.answered_by approvals.session_s approvals.profile
        approvals.after_session""",
    ),
    _kept("kept_purpose", "phiên nào đã được hỏi", "which session was asked", "sessions.purpose_done"),
)

STAFF = """
clients.staff_since
rules.author
unblock_requests.answered_by
calendar_changes.author calendar_changes.taken_back_by
voucher_batches.author
tellings.author signed_reports.author
notices.author notices.ended_by
mail_deliveries.recipient
staff_users.* staff_recovery.* staff_browsers.* api_tokens.* audit.* audit_outcomes.*
pc_photos.author upkeep_checks.author
"""
"""Of staff in their office, none of a patron's: the audit trails."""

IMPORTED = """
told_sessions.* facts.*
"""
"""Told by others with the register of facts, who have told their patrons; sessions of this box get there past their
term, without device and person."""

NOT_PERSONAL = """
month_counts.* day_counts.* touched.* told_readings.* told_months.*
signed_reports.id signed_reports.form signed_reports.period signed_reports.site signed_reports.number
signed_reports.dated_on signed_reports.signed_at signed_reports.sha256 signed_reports.body
signed_reports.papers signed_reports.papers_sha256
mails.*
mail_deliveries.mail_id mail_deliveries.state mail_deliveries.tries mail_deliveries.next_try_at mail_deliveries.tried_at
mail_deliveries.said mail_deliveries.trouble
meta.* terms.* refusals.* hour_figures.* day_figures.* starts.* dns_hours.* refused_names.* purposes.*
garden_days.* garden_base.* carried_days.* carried_base.*
tellings.id tellings.told_at tellings.source tellings.told tellings.fresh
line_rounds.* line_spells.* pc_presence.* wan_days.* wan_base.*
device_periods.period device_periods.devices device_periods.local device_periods.persons device_periods.wifi_persons
device_periods.wifi_logins
rules.id rules.name rules.action rules.reason rules.set_at rules.profile rules.until_at
unblock_requests.code unblock_requests.name unblock_requests.profile unblock_requests.category unblock_requests.count
unblock_requests.asked_at unblock_requests.last_asked_at unblock_requests.state unblock_requests.answered_at
calendar_changes.id calendar_changes.kind calendar_changes.begin_at calendar_changes.end_at calendar_changes.decided_at
calendar_changes.reason calendar_changes.taken_back_at
voucher_batches.id voucher_batches.made_at voucher_batches.label voucher_batches.profile voucher_batches.count
voucher_batches.seed voucher_batches.valid_from voucher_batches.valid_until voucher_batches.lasts_s
voucher_batches.time_s voucher_batches.total_bytes voucher_batches.up_kbit_s voucher_batches.down_kbit_s
voucher_batches.devices voucher_batches.once
notices.id notices.number notices.kind notices.from_at notices.until_at notices.happens_at notices.place notices.texts
notices.written_at notices.ended_at
upkeep_items.* upkeep_results.* rule_texts.*
upkeep_checks.id upkeep_checks.site upkeep_checks.pc upkeep_checks.month_on
upkeep_checks.checked_at upkeep_checks.note
pc_photos.id pc_photos.site pc_photos.pc pc_photos.fault_at pc_photos.file pc_photos.sha256
pc_photos.bytes pc_photos.width
pc_photos.height pc_photos.media pc_photos.added_at
"""
"""Of nobody: sums, the library's own words, sites' names without who asked. `table.*`: the whole table."""
