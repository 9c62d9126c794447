"""After login the names asked for before lead where the profile's workers say, and refused ones nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.flows.unmask import Unmasking
from gateway.ports import IpAddress
from tests.contracts import PHONE, session
from tests.fakes import FakeClock, FakeFirewall, FakeNeighbours

ADDRESSES = {"www.example.com": ["198.51.100.10", "2001:db8:100::10"], "v4.example": ["198.51.100.11"], "garena.vn": []}


@dataclass(slots=True)
class FakeAsked:
    """A garden that was asked for all of them, by one address."""

    asker: IpAddress

    def asked_by(self, addresses: Sequence[IpAddress]) -> Sequence[str]:
        return list(ADDRESSES) if self.asker in addresses else []

    def synthetic(self, name: str) -> Sequence[IpAddress]:
        place = list(ADDRESSES).index(name) + 1
        return [IpAddress(f"198.18.0.{place}"), IpAddress(f"2001:db8:ffff::{place}")]


class FakeWorkers:
    """Workers that know ADDRESSES for the profile adult."""

    async def addresses(self, name: str, profile: str) -> Sequence[IpAddress]:
        assert profile == "adult"
        return [IpAddress(address) for address in ADDRESSES[name]]


async def test_names_lead_on_by_family_and_refused_ones_nowhere() -> None:
    kernel = FakeFirewall(FakeClock())
    phones = IpAddress("10.77.0.11")
    unmasking = Unmasking(kernel, FakeNeighbours({phones: PHONE}), FakeAsked(phones), FakeWorkers())
    await unmasking.unmask([session(7)])
    assert kernel.unmasked == {
        (7, "198.18.0.1"): "198.51.100.10",
        (7, "2001:db8:ffff::1"): "2001:db8:100::10",
        (7, "198.18.0.2"): "198.51.100.11",
    }


async def test_what_another_device_asked_is_not_its_business() -> None:
    kernel = FakeFirewall(FakeClock())
    neighbours = FakeNeighbours({IpAddress("10.77.0.11"): PHONE})
    await Unmasking(kernel, neighbours, FakeAsked(IpAddress("10.77.0.12")), FakeWorkers()).unmask([session(7)])
    assert kernel.unmasked == {}
