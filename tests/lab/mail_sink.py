"""A mail server on the lab's Internet: each mail is a line of JSON (python -m tests.lab.mail_sink PORT)."""

import asyncio
import json
import sys

from aiosmtpd.smtp import SMTP, Envelope, Session


class _Sink:
    # aiosmtpd calls it by this name
    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take it."""
        assert isinstance(envelope.content, bytes)
        mail = {
            "peer": str((session.peer or ("",))[0]),
            "to": envelope.rcpt_tos,
            "content": envelope.content.decode("ascii"),
        }
        print(json.dumps(mail), flush=True)
        return "250 taken"


async def main(port: int) -> None:
    """Serve for ever, on all addresses of this part of the lab."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(_Sink(), hostname="mail.example.vn"), None, port)
    print(json.dumps({"ready": port}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
