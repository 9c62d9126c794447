"""The portal's certificate: judged as devices do, exchanged while serving, obtained by ACME from Debian's pebble."""

import asyncio
import json
import os
import ssl
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiohttp import web
from click.testing import CliRunner

from gateway.certificate import Fault, PortalCertificate, examine
from gateway.cli.main import command_group
from gateway.errors import GatewayError
from tests.edge.filters_upstream import free_port

NAME = "wifi.library.test"


def openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)


class Authority:
    """A CA with an intermediate, as real ones have."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.root, self.middle = directory / "root.pem", directory / "middle.pem"
        new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj"]
        self._new = new
        openssl(
            "req", "-x509", *new, "/CN=root", "-days", "30", "-keyout", f"{directory}/root.key", "-out", str(self.root)
        )
        self._sign("middle", "/CN=middle", "root", "basicConstraints=critical,CA:TRUE\n", 20)

    def issue(self, label: str, name: str = NAME, days: int = 10, *, whole: bool = True) -> tuple[Path, Path]:
        """Chain and key; `whole`: with the intermediate behind it."""
        self._sign(label, "/CN=site", "middle", f"subjectAltName=DNS:{name}\n", days)
        chain = self.directory / f"{label}.pem"
        if whole:
            chain.write_text(chain.read_text() + self.middle.read_text())
        return chain, self.directory / f"{label}.key"

    def _sign(self, label: str, subject: str, by: str, extensions: str, days: int) -> None:
        place = self.directory
        (place / f"{label}.cnf").write_text(extensions)
        openssl("req", "-new", *self._new, subject, "-keyout", f"{place}/{label}.key", "-out", f"{place}/{label}.csr")
        signing = ["-CA", f"{place}/{by}.pem", "-CAkey", f"{place}/{by}.key", "-CAcreateserial", "-days", str(days)]
        files = ["-in", f"{place}/{label}.csr", "-extfile", f"{place}/{label}.cnf", "-out", f"{place}/{label}.pem"]
        openssl("x509", "-req", *signing, *files)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


def test_what_a_phone_believes_is_valid(authority: Authority) -> None:
    verdict = examine(*authority.issue("good"), NAME, authority.root)
    assert verdict.is_valid and verdict.names == (NAME,) and verdict.not_after_s is not None


def test_what_a_phone_does_not_believe_is_said_with_what_to_do(authority: Authority, tmp_path: Path) -> None:
    chain, key = authority.issue("said")
    other_chain, other_key = authority.issue("other", "other.example")
    alone = authority.issue("alone", whole=False)
    expired = authority.issue("expired", days=-1)
    own = tmp_path / "own.pem"
    openssl("req", "-x509", *authority._new, f"/CN={NAME}", "-keyout", f"{own}.key", "-out", str(own))
    broken = tmp_path / "broken.pem"
    broken.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n")
    for files, word, hint, fault in (
        ((other_chain, other_key), "mismatch", "portal.hostname", Fault.OTHER_NAME),
        (alone, "unable to get local issuer", "intermediate", Fault.CHAIN),
        (expired, "expired", "renew", Fault.EXPIRED),
        ((own, Path(f"{own}.key")), "self-signed", "public authority", Fault.SELF_MADE),
        ((chain, other_key), "key values mismatch", "not a pair", Fault.NO_PAIR),
        ((broken, key), "", "openssl x509", Fault.OTHER),
        ((tmp_path / "nothing.pem", key), "No such file", "portal.certificate", Fault.NO_FILE),
    ):
        verdict = examine(*files, NAME, authority.root)
        assert not verdict.is_valid and word in verdict.why and hint in verdict.hint, verdict
        assert verdict.fault is fault
    assert "unable to get" in examine(chain, key, NAME).why, "the system does not know this root"


async def test_a_renewed_certificate_is_served_at_once_and_open_connections_stay(
    authority: Authority, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"

    def put(files: tuple[Path, Path]) -> None:
        for source, target in zip(files, (chain, key), strict=True):
            fresh = target.with_suffix(".new")
            fresh.write_bytes(source.read_bytes())
            fresh.replace(target)

    put(authority.issue("first"))
    held = PortalCertificate(chain, key, NAME, authority.root)
    held.refresh()
    application = web.Application()

    async def hello(request: web.Request) -> web.Response:
        return web.Response(text="hello")

    application.router.add_get("/", hello)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=held.context).start()
    port = runner.addresses[0][1]
    client = ssl.create_default_context(cafile=str(authority.root))

    async def connected() -> tuple[asyncio.StreamReader, asyncio.StreamWriter, str]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname=NAME)
        return reader, writer, writer.get_extra_info("peercert")["serialNumber"]

    reader, writer, first = await connected()
    put(authority.issue("second"))
    held.refresh()
    *_, later, second = await connected()
    assert second != first
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert (await reader.read()).endswith(b"hello"), "the old connection is served on"
    put(authority.issue("third", "other.example"))
    held.refresh()
    held.refresh()
    assert not held.is_valid
    *_, last, third = await connected()
    assert third == second, "a bad one never replaces a good one"
    for each in (writer, later, last):
        each.close()
    await runner.cleanup()
    told = [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()]
    assert told == ["certificate.loaded", "certificate.loaded", "certificate.refused"]


def test_the_command_says_it_and_dhcp_announces_only_what_is_good(authority: Authority, tmp_path: Path) -> None:
    def config(files: tuple[Path, Path]) -> str:
        path = tmp_path / "cong.toml"
        path.write_text(
            f'[portal]\nhostname = "{NAME}"\ncertificate = "{files[0]}"\ncertificate_key = "{files[1]}"\n'
            f'certificate_authority = "{authority.root}"\n[state]\ndirectory = "{tmp_path}"\n'
        )
        return str(path)

    def run(*words: str) -> str:
        return CliRunner().invoke(command_group(), words, catch_exceptions=False).stdout

    good = config(authority.issue("told", days=20))
    assert f"{NAME}: good until" in run("certificate", "--config", good)
    assert json.loads(run("certificate", "--json", "--config", good))["names"] == [NAME]
    announced = run("dhcp", "config", "--config", good)
    url = f"https://{NAME}/captive-portal/api"
    assert f"dhcp-option-force=114,{url}" in announced and f"dhcp-option=option6:103,{url}" in announced
    with pytest.raises(GatewayError, match="within 14 days"):
        run("certificate", "--config", config(authority.issue("short", days=10)))
    bad = config(authority.issue("bad", "other.example"))
    with pytest.raises(GatewayError, match="not announced"):
        run("certificate", "--config", bad)
    assert url not in run("dhcp", "config", "--config", bad)


@contextmanager
def pebble(directory: Path, http_port: int) -> Iterator[tuple[str, int]]:
    """Debian's ACME test server and its name server, all names on loopback; its directory's URL and management port."""
    acme, management, dns, challenge = free_port(), free_port(), free_port(), free_port()
    openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=pebble",
        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{directory}/pebble.key",
        "-out", f"{directory}/pebble.pem",
    )  # fmt: skip
    settings = {
        "listenAddress": f"127.0.0.1:{acme}",
        "managementListenAddress": f"127.0.0.1:{management}",
        "certificate": f"{directory}/pebble.pem",
        "privateKey": f"{directory}/pebble.key",
        "httpPort": http_port,
        "tlsPort": free_port(),
    }
    (directory / "pebble.json").write_text(json.dumps({"pebble": settings}))
    names = ["pebble-challtestsrv", "-dns01", f"127.0.0.1:{dns}", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""]
    off = ["-http01", "", "-https01", "", "-tlsalpn01", "", "-management", f"127.0.0.1:{challenge}"]
    server = ["pebble", "-config", f"{directory}/pebble.json", "-dnsserver", f"127.0.0.1:{dns}"]
    environment = {**os.environ, "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
    with (directory / "pebble.log").open("w") as log:
        running = [
            subprocess.Popen(words, stdout=log, stderr=log, env=environment) for words in ([*names, *off], server)
        ]
        try:
            yield f"https://127.0.0.1:{acme}/dir", management
        finally:
            for each in running:
                each.terminate()
                each.wait()


def _root_of(management: int, trust: ssl.SSLContext) -> str:
    """pebble's own root, made anew at each start."""
    with urllib.request.urlopen(f"https://127.0.0.1:{management}/roots/0", context=trust, timeout=5) as answer:
        return str(answer.read().decode())


def test_a_certificate_comes_by_acme_and_is_renewed(tmp_path: Path) -> None:
    """As the README tells it: lego answers the challenge on a port, its files are the portal's."""
    http_port = free_port()
    with pebble(tmp_path, http_port) as (directory_url, management):
        trusted = f"{tmp_path}/pebble.pem"
        lego = [
            "lego", "--server", directory_url, "--email", "library@example.vn", "--accept-tos",
            "--path", f"{tmp_path}/acme",
            "--domains", NAME, "--http", "--http.port", f"127.0.0.1:{http_port}",
        ]  # fmt: skip
        environment = {**os.environ, "LEGO_CA_CERTIFICATES": trusted}

        def acme(*words: str) -> None:
            done = subprocess.run([*lego, *words], env=environment, capture_output=True, text=True, timeout=60)
            assert done.returncode == 0, done.stderr + (tmp_path / "pebble.log").read_text()[-2000:]

        _until_up(directory_url, trusted)
        acme("run")
        root = tmp_path / "root.pem"
        root.write_text(_root_of(management, ssl.create_default_context(cafile=trusted)))
        files = tmp_path / "acme" / "certificates"
        held = PortalCertificate(files / f"{NAME}.crt", files / f"{NAME}.key", NAME, root)
        held.refresh()
        assert held.is_valid, held.verdict
        first = (files / f"{NAME}.crt").read_text()
        acme("renew", "--days", "9999", "--no-random-sleep")
        assert (files / f"{NAME}.crt").read_text() != first
        held.refresh()
        assert held.is_valid, held.verdict


def _until_up(url: str, trusted: str) -> None:
    context = ssl.create_default_context(cafile=trusted)
    for _ in range(200):
        try:
            urllib.request.urlopen(url, context=context, timeout=1).close()
            return
        except OSError:
            subprocess.run(["sleep", "0.05"], check=True)
    raise AssertionError("pebble does not answer")
