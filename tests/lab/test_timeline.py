"""The desk asks why a page did not come up, and reads what the device did."""

import json

from gateway.lab.driver import Lab


def steps(lab: Lab, device: str) -> list[str]:
    return [each["step"] for each in json.loads(lab.cong("timeline", device, "--json").stdout)["steps"]]


def test_a_device_can_be_followed_from_its_first_question_to_its_session(lab: Lab) -> None:
    lab.end_all_sessions()
    lab.run("c2", ["curl", "-s", "http://connectivitycheck.gstatic.com/generate_204"])
    mac, address = (str(lab.status()["clients"][1][key]) for key in ("mac", "ipv4"))
    lab.wait_until(lambda: {"name", "probe"} <= set(steps(lab, mac)), 5, "the probe")
    told = lab.cong("timeline", address).stdout
    assert "was led to the portal" in told and "not online yet" in told
    assert "gstatic" not in told, "no name that was asked for"
    lab.login("c2")
    assert lab.patron("c2").get("http://198.51.100.10/").status == 200
    lab.wait_until(lambda: "traffic" in steps(lab, mac), 15, f"the first bytes after {steps(lab, mac)}")
    assert mac in lab.cong("timeline").stdout
    assert ("terms", "open") in lab.sql("SELECT method, state FROM sessions")
    lab.end_all_sessions()
    assert steps(lab, mac)[-1] == "closed"
