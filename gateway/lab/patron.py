"""What a patron does with a browser, done with curl on a client: ask, follow, send the form."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

from gateway.errors import GatewayError
from gateway.lab import processes
from gateway.phone.form import Form, post_form, title_of

Say = Callable[[list[str], "Answer"], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; headers by lower-case name."""

    url: str
    status: int
    headers: dict[str, str]
    body: str

    @property
    def location(self) -> str:
        """Where it sends the browser; empty when nowhere."""
        return urljoin(self.url, self.headers["location"]) if "location" in self.headers else ""

    @property
    def title(self) -> str:
        """The page's title."""
        return title_of(self.body)


@dataclass(frozen=True, slots=True)
class Patron:
    """Somebody at a device. `prefix` stands before a command to run it there; `say` is told each request."""

    prefix: list[str]
    say: Say = lambda _command, _answer: None

    def get(self, url: str) -> Answer:
        """Ask for a page; no redirect is followed."""
        return self._curl(url, [])

    def post(self, url: str, fields: tuple[tuple[str, str], ...], origin: str) -> Answer:
        """Send a form, with the Origin a browser adds."""
        return self._curl(url, ["--header", f"Origin: {origin}", "--data", urlencode(fields)])

    def splash(self, url: str = "http://www.example.com/") -> tuple[Answer, Form]:
        """Ask for a site and be led to the portal: its page and form; GatewayError when that is not what comes."""
        answer = self.get(url)
        for _ in range(3):
            if not answer.location:
                break
            answer = self.get(answer.location)
        form = post_form(answer.body)
        if form is None:
            raise GatewayError(
                f"asking for {url} led to {answer.url} (status {answer.status}, title {answer.title!r}), "
                "which has no form to send",
                where="sign-in",
                hint="is the client online already? cong sessions tells",
            )
        return answer, form

    def send(self, page: Answer, form: Form) -> Answer:
        """Send the portal's form and follow it to the page that says so; GatewayError when it is refused."""
        parts = urlsplit(page.url)
        answer = self.post(urljoin(page.url, form.action), form.fields, f"{parts.scheme}://{parts.netloc}")
        if answer.status != 303 or not answer.location:
            raise GatewayError(
                f"the form was answered with status {answer.status}, title {answer.title!r}", where="sign-in"
            )
        return self.get(answer.location)

    def sign_in(self, url: str = "http://www.example.com/") -> Answer:
        """The whole way; gives the page that says one is online."""
        page, form = self.splash(url)
        return self.send(page, form)

    def _curl(self, url: str, options: list[str]) -> Answer:
        command = ["curl", "--silent", "--show-error", "--include", "--max-time", "10", *options, url]
        done = subprocess.run(
            [*self.prefix, *command], capture_output=True, timeout=30, check=False, env=processes.ENVIRONMENT
        )
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip()
            raise GatewayError(f"no answer: {said}", where=url)
        answer = parse_answer(url, done.stdout)
        self.say(command, answer)
        return answer


def parse_answer(url: str, raw: bytes) -> Answer:
    """What `curl --include` printed."""
    head, _, body = raw.partition(b"\r\n\r\n")
    while head.startswith(b"HTTP/1.1 100"):
        head, _, body = body.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    return Answer(url, int(lines[0].split()[1]), headers, body.decode(errors="replace"))
