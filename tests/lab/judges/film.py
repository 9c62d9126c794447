"""A film made on the spot: frames of noise, encoded by Chromium (WebCodecs, VP8), put into WebM here (RFC 8794, 9559).

Its index stands at the end, as most programs write it, so that a player has to ask for parts to jump.
"""

import base64
import struct
from pathlib import Path
from typing import Any

from tests.lab.judges.chromium import Tab

WIDTH, HEIGHT, A_SECOND, SECONDS = 320, 240, 10, 20
_GROUP = 10  # frames from one key frame to the next
_ENCODE = f"""
(async () => {{
  const parts = [];
  const encoder = new VideoEncoder({{
    output: (chunk) => {{
      const held = new Uint8Array(chunk.byteLength);
      chunk.copyTo(held);
      let text = "";
      for (let n = 0; n < held.length; n += 8192) text += String.fromCharCode(...held.subarray(n, n + 8192));
      parts.push([chunk.timestamp / 1000, chunk.type === "key", btoa(text)]);
    }},
    error: (fault) => {{ throw fault; }},
  }});
  encoder.configure({{codec: "vp8", width: {WIDTH}, height: {HEIGHT}, bitrate: 4000000, framerate: {A_SECOND}}});
  for (let n = 0; n < {A_SECOND * SECONDS}; n++) {{
    const pixels = new Uint8Array({WIDTH * HEIGHT * 4});
    for (let at = 0; at < pixels.length; at += 65536) {{
      crypto.getRandomValues(pixels.subarray(at, Math.min(pixels.length, at + 65536)));
    }}
    const told = {{format: "RGBX", codedWidth: {WIDTH}, codedHeight: {HEIGHT}, timestamp: n * 1000000 / {A_SECOND}}};
    const frame = new VideoFrame(pixels, told);
    encoder.encode(frame, {{keyFrame: n % {_GROUP} === 0}});
    frame.close();
    if (n % 20 === 19) await encoder.flush();
  }}
  await encoder.flush();
  return parts;
}})()
"""


def make_film(tab: Tab, scratch: Path) -> bytes:
    """Twenty seconds, some megabytes."""
    page = scratch / "encode.html"  # a file is a secure context, which WebCodecs asks for
    page.write_text("<!doctype html><title>film</title>", encoding="ascii")
    tab.open(page.as_uri())
    told = tab.call("Runtime.evaluate", expression=_ENCODE, returnByValue=True, awaitPromise=True)
    assert "exceptionDetails" not in told, told
    return _webm(told["result"]["value"])


def _webm(frames: list[list[Any]]) -> bytes:
    head = _element(0x1A45DFA3, _element(0x4282, b"webm") + _uint(0x4287, 4) + _uint(0x4285, 2))
    info = _element(0x1549A966, _uint(0x2AD7B1, 1_000_000) + _element(0x4489, struct.pack(">d", SECONDS * 1000.0)))
    video = _element(0xE0, _uint(0xB0, WIDTH) + _uint(0xBA, HEIGHT))
    track = _uint(0xD7, 1) + _uint(0x73C5, 1) + _uint(0x83, 1) + _element(0x86, b"V_VP8") + video
    before = info + _element(0x1654AE6B, _element(0xAE, track))
    at = len(_seek_head(0)) + len(before)
    clusters, cues = b"", b""
    for first in range(0, len(frames), _GROUP):
        start_ms = round(frames[first][0])
        where = _uint(0xF7, 1) + _uint(0xF1, at + len(clusters))
        cues += _element(0xBB, _uint(0xB3, start_ms) + _element(0xB7, where))
        clusters += _cluster(start_ms, frames[first : first + _GROUP])
    body = _seek_head(at + len(clusters)) + before + clusters + _element(0x1C53BB6B, cues)
    return head + _element(0x18538067, body)


def _cluster(start_ms: int, frames: list[list[Any]]) -> bytes:
    blocks = b"".join(
        _element(
            0xA3, b"\x81" + struct.pack(">hB", round(time_ms) - start_ms, 0x80 if key else 0) + base64.b64decode(text)
        )
        for time_ms, key, text in frames
    )
    return _element(0x1F43B675, _uint(0xE7, start_ms) + blocks)


def _seek_head(cues_at: int) -> bytes:
    seek = _element(0x53AB, bytes.fromhex("1C53BB6B")) + _element(0x53AC, struct.pack(">Q", cues_at))
    return _element(0x114D9B74, _element(0x4DBB, seek))


def _element(name: int, body: bytes) -> bytes:
    return name.to_bytes((name.bit_length() + 7) // 8, "big") + struct.pack(">Q", 1 << 56 | len(body)) + body


def _uint(name: int, value: int) -> bytes:
    return _element(name, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))
