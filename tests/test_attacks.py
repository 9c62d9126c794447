"""The attack cases of the portal's specification, T1 to T42, each with the tests that try it."""

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ODD, TYPED = "test_no_request_opens_anything_or_writes_a_header", "test_what_is_typed_is_never_run_shown_raw_or_logged"
STRANGE, CAPTIVE = "test_strange_requests_hurt_nobody", "test_a_captive_client_gets_nothing_across"
CASES: dict[str, tuple[str, ...]] = {
    "T1 no Host": (f"edge/test_portal.py:{STRANGE}",),
    "T2 no user agent": (f"edge/test_portal_attacks.py:{ODD}",),
    "T3 no, partial or doubled query": (f"edge/test_portal_attacks.py:{ODD}",),
    "T4 9 kB, 64 kB, 1 MB": (
        f"edge/test_portal_attacks.py:{ODD}",
        "edge/test_portal.py:test_a_form_of_a_megabyte_is_refused",
    ),
    "T5 HTTP/1.0, CONNECT, wrong lengths, TLS": (
        f"edge/test_portal.py:{STRANGE}",
        f"edge/test_portal_attacks.py:{ODD}",
    ),
    "T6 slowloris": (
        "edge/test_portal_attacks.py:test_half_open_requests_are_closed_and_cost_others_nothing",
        "lab/test_attacks.py:test_half_open_requests_at_every_port_of_the_portal_keep_nobody_out",
        "edge/test_portal.py:test_the_redirector_serves_others_while_one_client_holds_its_connections_open",
    ),
    "T7 1,000 requests a second": (
        "edge/test_portal_attacks.py:test_a_flood_of_one_client_is_told_so_and_others_are_served",
    ),
    "T8 odd bytes in any field": (
        f"edge/test_portal_attacks.py:{TYPED}",
        "pure/test_portal_values.py:test_no_request_writes_its_own_headers",
    ),
    "T9 shell, format and template words": (f"edge/test_portal_attacks.py:{TYPED}",),
    "T10 the same in logs and pages": (
        f"edge/test_portal_attacks.py:{TYPED}",
        "pure/test_pages.py:test_pages_are_small_whole_and_escaped",
    ),
    "T11 SQL words": (f"edge/test_portal_attacks.py:{TYPED}", "edge/test_portal.py:test_a_made_up_token_opens_nothing"),
    "T12 tricky destinations": ("pure/test_portal_values.py:test_tricks_are_no_destination",),
    "T13 Host in Location": (f"edge/test_portal_attacks.py:{ODD}",),
    "T14 loop": (
        "edge/test_portal_attacks.py:test_asking_the_portals_own_name_leads_to_no_loop",
        "lab/test_captivity.py:test_port_80_leads_to_the_portal_over_both_families",
    ),
    "T15 another's token": ("edge/test_portal.py:test_another_devices_token_opens_nothing",),
    "T16 guessed and old tokens": (
        "edge/test_portal.py:test_a_made_up_token_opens_nothing",
        "pure/test_portal_values.py:test_a_token_fits_its_device_act_and_time_only",
    ),
    "T17 forged posts": ("edge/test_portal.py:test_a_page_of_another_site_can_post_nothing",),
    "T18 clickjacking": ("edge/test_portal.py:test_no_answer_is_kept_framed_or_sets_a_cookie",),
    "T19 forwarded addresses": ("edge/test_portal.py:test_forwarded_addresses_are_claims",),
    "T20 brute force": (
        "edge/test_sign_in.py:test_wrong_tries_of_a_device_are_heard_no_more_and_others_are",
        "edge/test_sign_in.py:test_codes_are_guarded_against_many_macs",
    ),
    "T21 spoofed addresses": (
        "lab/test_captivity.py:test_nobody_passes_under_anothers_leased_address",
        "lab/test_captivity.py:test_nobody_passes_under_an_address_another_uses_now",
        "lab/test_attacks.py:test_the_boxs_own_addresses_can_not_be_borrowed",
    ),
    "T22 static address": (
        f"lab/test_captivity.py:{CAPTIVE}",
        "lab/test_captivity.py:test_login_over_ipv6_admits_every_address_of_the_device",
    ),
    "T23 address used again": ("lab/test_attacks.py:test_an_address_that_was_a_patrons_gives_its_next_holder_nothing",),
    "T24 double submit": ("edge/test_portal.py:test_two_clicks_at_once_are_one_session",),
    "T25 IPv6 before login": (
        f"lab/test_captivity.py:{CAPTIVE}",
        "lab/test_attacks.py:test_extension_headers_fragments_and_tunnels_stay_outside_before_login",
        "lab/test_attacks.py:test_a_rogue_router_on_a_client_is_nobodys_router",
    ),
    "T26 DNS tunnel": (
        "lab/test_judge_iodine.py:test_tunnels_come_up_through_an_open_forwarder_and_none_through_us",
        "lab/test_judge_iodine.py:test_captive_questions_stay_inside_by_tcp_and_with_large_edns",
        "lab/test_walled_garden.py:test_no_tunnel_comes_up_even_through_a_listed_name_of_its_own",
    ),
    "T27 outside resolvers": (
        "lab/test_captivity.py:test_whatever_resolver_is_asked_the_garden_answers",
        f"lab/test_captivity.py:{CAPTIVE}",
    ),
    "T28 ICMP, floods, the connection table": (
        f"lab/test_captivity.py:{CAPTIVE}",
        "lab/test_attacks.py:test_a_flood_of_half_open_connections_keeps_nobody_out",
        "lab/test_attacks.py:test_one_device_does_not_fill_the_connection_table",
    ),
    "T29 VPN on port 53": ("lab/test_attacks.py:test_a_vpn_on_the_name_port_meets_a_resolver_and_nothing_else",),
    "T30 the box, the modem": (
        f"lab/test_captivity.py:{CAPTIVE}",
        "lab/test_captivity.py:test_what_stays_closed_after_login",
    ),
    "T31 client to client": ("lab/test_captivity.py:test_another_device_stays_captive_and_apart",),
    "T32 kill at every step": (
        "edge/test_journeys.py:test_the_power_goes_between_store_and_kernel",
        "edge/test_journeys.py:test_the_power_goes_in_the_middle_of_an_end",
        "lab/test_metering.py:test_many_sessions_kills_and_ends_sum_to_what_the_witness_saw",
    ),
    "T33 power cut": (
        "edge/test_store_db.py:test_killed_in_the_middle_of_a_transaction_keeps_the_whole_ones",
        "edge/test_troubles.py:test_a_cut_off_journal_leaves_whole_transactions",
    ),
    "T34 full disk": ("edge/test_troubles.py:test_a_full_disk_stops_no_packet_and_loses_no_byte",),
    "T35 clock": (
        "edge/test_journeys.py:test_a_clock_that_jumps_neither_ends_nor_stretches_a_session",
        "edge/test_troubles.py:test_a_session_from_before_the_time_was_known_goes_on",
    ),
    "T36 another's flush": ("lab/test_metering.py:test_another_programs_flush_is_repaired_in_seconds",),
    "T37 fifty at once": ("edge/test_portal_attacks.py:test_fifty_logins_at_the_same_moment_are_fifty_sessions",),
    "T38 10,000 MACs": ("lab/test_attacks.py:test_ten_thousand_strange_macs_leave_the_patron_in_peace",),
    "T39 counters": (
        "pure/test_counters.py:test_counters_made_anew_are_all_new",
        "edge/test_journeys.py:test_elements_deleted_by_hand_start_at_nothing",
    ),
    "T40 dead daemon": ("lab/test_metering.py:test_without_the_daemon_admitted_clients_go_on_and_nobody_new_gets_in",),
    "T41 addresses in URLs": ("edge/test_portal_attacks.py:test_no_url_holds_an_address_of_a_device",),
    "T42 pseudonyms": ("pure/test_person.py:test_a_person_is_found_again_and_nobody_else_can_tell",),
}


@cache
def _tests_of(file: str) -> set[str]:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_there_are_forty_two() -> None:
    assert [case.split()[0] for case in CASES] == [f"T{n}" for n in range(1, 43)]


@pytest.mark.parametrize("case", CASES)
def test_every_case_is_tried(case: str) -> None:
    for place in CASES[case]:
        file, _, name = place.partition(":")
        assert name in _tests_of(file), place
