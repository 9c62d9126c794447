"""Telling an account server of sessions: a record -> Accounting-Request -> acknowledged or not (RFC 2866, 2869)."""

from dataclasses import dataclass

from gateway.access.session import Cause
from gateway.accounting.records import Moment, Record, RecordKind
from gateway.ports import Neighbours
from gateway.radius.auth import Nas
from gateway.radius.link import Build, Servers
from gateway.radius.values import framed, instant, integer, nas_address, octets, text
from gateway.radius.wire import Attribute, Code, Type, signed_request

_STATUS = {RecordKind.START: 1, RecordKind.STOP: 2, RecordKind.INTERIM: 3}
_ON = 7
_BY_RADIUS = 1
TERMINATE_CAUSES: dict[Cause, int] = {
    Cause.USER_REQUEST: 1,
    Cause.IDLE_TIMEOUT: 4,
    Cause.SESSION_TIMEOUT: 5,
    Cause.ADMIN_RESET: 6,
    Cause.NAS_REQUEST: 10,
    Cause.NAS_REBOOT: 11,
    Cause.PORT_PREEMPTED: 13,
}
"""RFC 2866 section 5.10."""


@dataclass(frozen=True, slots=True)
class RadiusAccounting:
    """The AccountServer port over RADIUS."""

    servers: Servers
    nas: Nas
    neighbours: Neighbours

    async def tell(self, record: Record) -> bool:
        """See AccountServer."""
        session = record.standing.session
        addresses = tuple(await self.neighbours.addresses_of(session.mac))

        def build(identifier: int, address: str, secret: bytes) -> bytes:
            attributes = [
                integer(Type.ACCT_STATUS_TYPE, _STATUS[record.kind]),
                *_of_session(record),
                *self.nas.attributes(address, session.mac, session.kind),
                *framed(addresses),
                *_amounts(record),
                *_when(record),
            ]
            return signed_request(Code.ACCOUNTING_REQUEST, identifier, attributes, secret)

        return await self._is_acknowledged(build)

    async def tell_on(self, moment: Moment) -> bool:
        """See AccountServer."""

        def build(identifier: int, address: str, secret: bytes) -> bytes:
            attributes = [
                integer(Type.ACCT_STATUS_TYPE, _ON),
                text(Type.ACCT_SESSION_ID, moment.boot_id),
                nas_address(address),
                text(Type.NAS_IDENTIFIER, self.nas.identifier),
                instant(moment.now),
            ]
            return signed_request(Code.ACCOUNTING_REQUEST, identifier, attributes, secret)

        return await self._is_acknowledged(build)

    async def _is_acknowledged(self, build: Build) -> bool:
        answer = await self.servers.ask(build)
        return answer is not None and answer.code == Code.ACCOUNTING_RESPONSE


def _of_session(record: Record) -> list[Attribute]:
    accounted = record.standing.accounted
    return [
        text(Type.USER_NAME, accounted.user_name),
        text(Type.ACCT_SESSION_ID, accounted.session_id),
        integer(Type.ACCT_AUTHENTIC, _BY_RADIUS),
        *(Attribute(Type.CLASS, each) for each in accounted.classes),
    ]


def _amounts(record: Record) -> list[Attribute]:
    if record.kind is RecordKind.START:
        return []
    standing = record.standing
    told = [
        integer(Type.ACCT_SESSION_TIME, record.lasted_s),
        *octets(standing.up_bytes, standing.down_bytes),
    ]
    cause = standing.session.cause
    if record.kind is RecordKind.STOP and cause is not None:
        told.append(integer(Type.ACCT_TERMINATE_CAUSE, TERMINATE_CAUSES[cause]))
    return told


def _when(record: Record) -> list[Attribute]:
    return [instant(record.at), integer(Type.ACCT_DELAY_TIME, record.delay_s)]
