"""All lists of shared/data compiled: what each gave is what it holds, in whatever format. No time asserted."""

from collections import Counter

import pytest

from bench.dns_names import read_folder
from bench.lists import all_lists
from filters.compile import compile_in_memory
from tests.filter_material import SHARED

FOLDER = SHARED / "blocklists"


@pytest.mark.skipif(not FOLDER.exists(), reason="shared data are not beside the repository: set CONG_SHARED")
def test_every_list_of_the_shared_data_is_compiled_whole() -> None:
    made = compile_in_memory(all_lists(FOLDER))
    assert [bad.where.split()[1] for bad in made.skipped] == ["v2fly-games-category-games"]  # it only includes others
    names = {source.name: source.names for source in made.blockset.sources}
    for same in (
        ("hostsvn-domain", "hostsvn-hosts", "hostsvn-dnsmasq-hostsVN.conf"),
        ("hostsvn-gambling-domain", "hostsvn-gambling-hosts"),
        ("hostsvn-threat-domain", "hostsvn-threat-hosts"),
        ("hostsvn-adult-domain", "hostsvn-adult-hosts"),
        ("chongluadao-urls-ABP", "chongluadao-urls-pihole"),
        (*(f"blocklistproject-drugs{ending}" for ending in ("", "-nl", "-ags", "-dnsmasq")),),
    ):
        assert len({names[each] for each in same}) == 1, same
    # as counted for data/README.md
    assert names["blocklistproject-phishing-nl"] == 190_215
    assert names["shadowwhisperer-Adult"] == 219_522
    assert names["ut1-vpn"] == 6_039
    assert names["pay-to-play-games-vn"] == 359
    reasons = Counter({source.name: sum(count for _, count, _ in source.rejects) for source in made.blockset.sources})
    assert reasons["ut1-games"] == 26 + 1654  # addresses, and addresses of pages
    listed = [name for each in read_folder(FOLDER).values() for name in each]
    assert len(listed) > 1_100_000
    assert [name for name in listed[::37] if not made.blockset.matches(name)] == []
