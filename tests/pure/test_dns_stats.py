"""What `cong dns stats` tells of sums and workers."""

from gateway.cli.dns_stats import Figures, told


def _figures(**more: object) -> Figures:
    upstream = {"address": "9.9.9.9", "port": 853, "transport": "tls", "zone": "", "asked": 10, "failed": 1}
    worker = {
        "worker": 0, "pid": 7, "generation": 12, "built_at": 1, "rules": 3, "rss_bytes": 23_000_000,
        "cache_bytes": 1_200_000, "age_s": 0.4, "generation_age_s": 7300,
        "upstreams": [{**upstream, "rtt_ms": 12.4, "resting": False}],
    }  # fmt: skip
    other = {**worker, "worker": 1, "age_s": 12.0, "upstreams": [{**upstream, "rtt_ms": None, "resting": True}]}
    sums = {
        "questions": 100, "refused": 20, "cached": 60, "forwarded": 18, "stale": 1, "failed": 1, "limited": 0,
        "cached_share": 0.75, "refusals": {"games": 5, "threats": 2},
    }  # fmt: skip
    span = {"since": "2027-03-31T00:00:00+07:00", "profiles": {"adult": sums}}
    whole: Figures = {
        "note": "", "today": span, "hour": {**span, "profiles": {}}, "names_counted": False,
        "names": [{"category": "games", "name": "garena.vn", "count": 5}], "workers": [worker, other],
        "silent": ["worker 1 has not reported for 12 s"],
    }  # fmt: skip
    return whole | more


def test_sums_refusals_workers_and_upstreams_are_told() -> None:
    text = told(_figures())
    assert "adult" in text
    assert "75 %" in text
    assert "adult was refused: games 5, threats 2" in text
    assert "nothing was asked" in text
    assert "worker 1 has not reported for 12 s" in text
    assert "together 46.0 MB" in text
    assert "9.9.9.9 port 853 (tls): asked 20, failed 2, 12 ms, rests in 1 of 2 workers" in text
    assert "garena.vn" not in text


def test_names_are_told_only_where_they_are_counted() -> None:
    assert "5  garena.vn  (games)" in told(_figures(names_counted=True))


def test_it_is_said_when_nothing_runs() -> None:
    text = told(_figures(note="the gateway is not running: x", workers=[], silent=[]))
    assert text.startswith("note: the gateway is not running")
