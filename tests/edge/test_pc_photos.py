"""Photos of faults: what phones write into them is gone, the picture is the same to another decoder (Pillow)."""

import io
import os
import random  # noqa: TID251 - a seeded source of test input
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zlib import crc32

import pytest
from PIL import Image, PngImagePlugin

from gateway.flows.pc_photos import MOST_OF_A_TICKET, PcPhotos
from gateway.photos.cleaned import NoPhotoError
from gateway.photos.folder import LARGEST_BYTES, PhotoFolder, cleaned
from gateway.store.db import Database
from gateway.store.pcs import SqlitePhotos

NOW = datetime(2027, 3, 12, 1, 0, tzinfo=UTC)
BROKE = datetime(2027, 3, 10, 0, 30, tzinfo=UTC)
_GPS, _SIDE, _MAKER = 0x8825, 0x0112, 0x010F


def picture(mode: str = "RGB", size: tuple[int, int] = (90, 60)) -> Image.Image:
    """Noise over a slope: something that no two decoders agree on by accident."""
    drawn = Image.linear_gradient("L").resize(size)
    noise = Image.effect_noise(size, 60)
    return Image.merge(mode, [drawn, noise, drawn, noise][: len(mode)])


def of_a_phone(side: int = 6) -> Image.Exif:
    exif = Image.Exif()
    exif[_MAKER], exif[_SIDE] = "SECRET-PHONE", side
    exif.get_ifd(_GPS).update({1: "N", 2: (14.0, 24.0, 30.0), 3: "E", 4: (107.0, 47.0, 0.0)})
    return exif


def photo(form: str, mode: str = "RGB", **options: object) -> bytes:
    """A file as a camera or a program would write it."""
    made = io.BytesIO()
    picture(mode).save(made, form, **options)
    return made.getvalue()


def phone_photo(*, progressive: bool = False) -> bytes:
    icc = b"\0" * 36 + b"acsp" + b"\0" * 88
    body = photo(
        "JPEG", exif=of_a_phone(), comment=b"SECRET-COMMENT", icc_profile=icc, progressive=progressive, quality=92
    )
    # a film or a second picture stands behind the end; a preview in a segment of the maker's own
    segment = b"\xff\xe5" + (2 + len(b"SECRET-PREVIEW")).to_bytes(2) + b"SECRET-PREVIEW"
    return body[:2] + segment + body[2:] + b"SECRET-FILM" * 20


@pytest.mark.parametrize("progressive", [False, True])
def test_a_phones_jpeg_keeps_picture_colours_and_upper_side_alone(progressive: bool) -> None:
    sent = phone_photo(progressive=progressive)
    assert sent.count(b"SECRET") > 20
    kept = cleaned(sent)
    assert (kept.media_type, kept.suffix, kept.width, kept.height) == ("image/jpeg", ".jpg", 90, 60)
    assert b"SECRET" not in kept.body and kept.body.endswith(b"\xff\xd9")
    before, after = Image.open(io.BytesIO(sent)), Image.open(io.BytesIO(kept.body))
    assert after.tobytes() == before.tobytes()
    assert dict(after.getexif()) == {_SIDE: 6} and not after.getexif().get_ifd(_GPS)
    assert after.info["icc_profile"] == before.info["icc_profile"]
    assert cleaned(kept.body) == kept


def test_a_jpeg_that_tells_nothing_is_told_nothing() -> None:
    assert not Image.open(io.BytesIO(cleaned(photo("JPEG")).body)).getexif()


def test_cmyk_of_adobe_keeps_its_colours() -> None:
    sent = photo("JPEG", "CMYK")
    kept = cleaned(sent)
    assert Image.open(io.BytesIO(kept.body)).tobytes() == Image.open(io.BytesIO(sent)).tobytes()


def test_a_png_loses_its_texts_times_and_exif() -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", "SECRET-NAME")
    told.add_itxt("XML:com.adobe.xmp", "SECRET-XMP")
    sent = photo("PNG", "RGBA", pnginfo=told, exif=of_a_phone()) + b"SECRET-BEHIND"
    kept = cleaned(sent)
    assert b"SECRET" in sent and b"SECRET" not in kept.body and kept.media_type == "image/png"
    after = Image.open(io.BytesIO(kept.body))
    assert after.tobytes() == picture_of(sent).tobytes() and not after.getexif() and not after.info


def picture_of(body: bytes) -> Image.Image:
    return Image.open(io.BytesIO(body))


@pytest.mark.parametrize(("mode", "lossless"), [("RGB", False), ("RGB", True), ("RGBA", False), ("RGBA", True)])
def test_a_webp_loses_exif_and_xmp(mode: str, lossless: bool) -> None:
    sent = photo("WEBP", mode, lossless=lossless, exif=of_a_phone(), xmp=b"<SECRET-XMP/>", icc_profile=b"i" * 128)
    assert b"SECRET" in sent
    for body in (sent, photo("WEBP", mode, lossless=lossless)):
        kept = cleaned(body)
        after = picture_of(kept.body)
        assert b"SECRET" not in kept.body and (after.size, after.mode) == ((90, 60), mode)
        assert after.convert("RGBA").tobytes() == picture_of(body).convert("RGBA").tobytes()
        assert not after.getexif() and "xmp" not in after.info


def animated() -> bytes:
    made = io.BytesIO()
    picture().save(made, "WEBP", save_all=True, append_images=[picture().rotate(90)])
    return made.getvalue()


NO_PHOTOS = {
    "empty": b"",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "gif": b"GIF89a" + b"\0" * 40,
    "pdf": b"%PDF-1.7\n",
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "jpeg head alone": b"\xff\xd8\xff",
    "jpeg of tables alone": b"\xff\xd8\xff\xdb\x00\x02\xff\xd9",
    "arithmetic jpeg": b"\xff\xd8\xff\xc9\x00\x0b\x08\x00\x10\x00\x10\x01\x11\x00\x00\xff\xd9",
    "png head alone": b"\x89PNG\r\n\x1a\n",
    "riff of sound": b"RIFF\x04\0\0\0WAVE",
    "webp of nothing": b"RIFF\x04\0\0\0WEBP",
    "animation": animated(),
}


@pytest.mark.parametrize("name", NO_PHOTOS)
def test_what_is_no_photo_is_refused(name: str) -> None:
    with pytest.raises(NoPhotoError):
        cleaned(NO_PHOTOS[name])


def test_a_picture_of_too_many_points_is_refused_undecoded() -> None:
    body = bytearray(photo("PNG", "RGB"))
    body[16:24] = (30_000).to_bytes(4) * 2
    body[29:33] = crc32(  # the header's checksum is right: the size alone is refused
        bytes(body[12:29])
    ).to_bytes(4)
    with pytest.raises(NoPhotoError, match="large"):
        cleaned(bytes(body))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_broken_photo_is_refused_or_a_photo_and_nothing_else(form: str) -> None:
    whole, dice = photo(form, exif=of_a_phone()), random.Random(7)
    for cut in range(0, len(whole), max(1, len(whole) // 200)):
        with pytest.raises(NoPhotoError):
            cleaned(whole[:cut])
    for _ in range(300):
        broken = bytearray(whole)
        for _ in range(dice.randrange(1, 6)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        try:
            kept = cleaned(bytes(broken))
        except NoPhotoError:
            continue
        assert kept.width > 0 and len(kept.body) <= len(broken) + 40


@pytest.fixture
async def photos(tmp_path: Path) -> AsyncIterator[PcPhotos]:
    async with Database.opened(tmp_path / "cong.sqlite") as database:
        yield PcPhotos(PhotoFolder(tmp_path / "pc-photos"), SqlitePhotos(database), "sa-thay")


async def add(photos: PcPhotos, pc: str, fault_at: datetime, file: Path, author: str, at: datetime) -> str:
    kept = await photos.take(file)
    return kept if isinstance(kept, str) else await photos.attach(pc, fault_at, kept, author, at)


def sent(folder: Path, body: bytes) -> Path:
    path = folder / "upload"
    path.write_bytes(body)
    return path


async def test_a_photo_is_kept_once_read_and_taken_away(photos: PcPhotos, tmp_path: Path) -> None:
    taken = sent(tmp_path, phone_photo())
    for _ in range(2):  # the same click twice
        assert await add(photos, "PC07", BROKE, taken, "Lan", NOW) == ""
    (one,) = await photos.of("PC07")
    assert (one.pc, one.fault_at, one.author, one.added_at) == ("PC07", BROKE, "Lan", NOW)
    files = list((tmp_path / "pc-photos").iterdir())
    assert [each.name for each in files] == [one.photo.name] and b"SECRET" not in files[0].read_bytes()
    found = await photos.read(one.id)
    assert found and found[1] == files[0].read_bytes() and len(found[1]) == one.photo.size_bytes
    assert await photos.remove(one.id) and not await photos.remove(one.id)
    assert not list((tmp_path / "pc-photos").iterdir()) and await photos.read(one.id) is None


async def test_refusals_leave_nothing(photos: PcPhotos, tmp_path: Path) -> None:
    assert await add(photos, "PC07", BROKE, sent(tmp_path, b"<html>"), "Lan", NOW) == "kind"
    assert await add(photos, "PC07", BROKE, sent(tmp_path, phone_photo()[:900]), "Lan", NOW) == "damaged"
    assert await add(photos, "PC07", BROKE, sent(tmp_path, b"\xff" * (LARGEST_BYTES + 1)), "Lan", NOW) == "bytes"
    assert not await photos.of("PC07") and not (tmp_path / "pc-photos").exists()
    for n in range(MOST_OF_A_TICKET):
        assert await add(photos, "PC07", BROKE, sent(tmp_path, photo("JPEG", quality=40 + n)), "Lan", NOW) == ""
    assert await add(photos, "PC07", BROKE, sent(tmp_path, photo("JPEG", quality=90)), "Lan", NOW) == "many"


async def test_the_night_takes_away_what_no_row_names_but_nothing_that_is_being_written(
    photos: PcPhotos, tmp_path: Path
) -> None:
    await add(photos, "PC07", BROKE, sent(tmp_path, phone_photo()), "Lan", NOW)
    (one,) = await photos.of("PC07")
    folder = tmp_path / "pc-photos"
    names = ("a" * 32 + ".jpg", "." + "b" * 32 + ".png", "c" * 32 + ".webp", "notes.txt")
    for name in names:
        (folder / name).write_bytes(b"x")
    old = (NOW - timedelta(hours=2)).timestamp()
    for name in (*names[:2], names[3], one.photo.name):
        os.utime(folder / name, (old, old))
    os.utime(folder / names[2], (NOW.timestamp(), NOW.timestamp()))
    assert await photos.sweep(NOW) == 2
    assert {each.name for each in folder.iterdir()} == {one.photo.name, names[2], "notes.txt"}


@pytest.mark.parametrize("name", ["../cong.sqlite", "a.jpg", "a" * 32 + ".svg", "", "a" * 32 + ".jpg/.."])
async def test_no_name_leads_out_of_the_folder(photos: PcPhotos, tmp_path: Path, name: str) -> None:
    assert (tmp_path / "cong.sqlite").exists()
    assert await photos.files.read(name) is None
