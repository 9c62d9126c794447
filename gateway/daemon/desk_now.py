"""The desk's pages of now, with what each needs of the house."""

from functools import partial

from gateway.access.login import Method
from gateway.backup.folder import Folder
from gateway.box import LocalBox
from gateway.config.filtering import filter_settings
from gateway.daemon.house import Built
from gateway.desk.approvals import ApprovalDesk, approvals
from gateway.desk.counted import Counted
from gateway.desk.devices import DeviceDesk, devices
from gateway.desk.sessions import SessionDesk, sessions
from gateway.desk.table import Area
from gateway.desk.today import TodayDesk, today
from gateway.flows.attention import Asked, Attention
from gateway.flows.settings import Settings
from gateway.flows.who_is_on import WhoIsOn
from gateway.kernel.dhcp import DnsmasqLeases, lease_file
from gateway.phone.kept import kept_in
from gateway.ports_box import CertificateState, SelfCheckState
from gateway.reports.today import TodayTold
from gateway.store.devices import SqliteDevices
from gateway.store.mails import SqliteMails
from gateway.units import from_epoch_s


def now_areas(house: Built, counted: Counted[TodayTold], settings: Settings) -> list[Area]:
    """Today, who is on, devices, approvals."""
    config, reception, line = house.config, house.reception, house.line
    admitted = house.unmasking.wanted
    who = WhoIsOn(reception, DnsmasqLeases(lease_file(config), config.lan.lease_s))
    mails = SqliteMails(house.database) if config.mail.server else None
    wants = config.backup.directory is not None
    asked = Asked(
        house.clock,
        _box(house),
        lambda: line.is_down,
        house.counts,
        house.approvals,
        house.requests,
        mails,
        wants,
        settings.left_out,
    )
    store, is_offered = SqliteDevices(house.database), Method.APPROVAL in config.login.offered
    return [
        today(TodayDesk(reception, who, Attention(asked), counted, lambda: line.is_down)),
        sessions(SessionDesk(house.returns, who, house.codes, house.vouchers, admitted)),
        approvals(ApprovalDesk(reception, house.approvals, who, admitted, is_offered=is_offered)),
        devices(DeviceDesk(reception, house.known, store, house.timeline, who, config.portal.hostname)),
    ]


def _box(house: Built) -> LocalBox:
    config = house.config

    def certificate() -> CertificateState | None:
        if house.certificate is None:
            return None
        verdict = house.certificate.verdict
        ends_at = from_epoch_s(verdict.not_after_s) if verdict.not_after_s else None
        return CertificateState(verdict.is_valid, verdict.fault, verdict.why, ends_at)

    def self_check() -> SelfCheckState | None:
        kept = kept_in(config.state.self_check)
        return SelfCheckState(kept.at, tuple(each.step for each in kept.faults)) if kept else None

    backups = Folder(config.backup_path)
    newest = partial(backups.newest, config.site.code)
    return LocalBox(config.state.directory, filter_settings(config), certificate, self_check, newest)
