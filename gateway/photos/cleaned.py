"""What is left of a photo: its picture, in the form it came in, by the list of parts a picture needs.

Nothing is decoded, so a crafted picture can't make the gateway calculate; whatever is not on the list of its form is
left out, so what a form may yet get for a new kind of metadata is left out too.
"""

from dataclasses import dataclass

_MOST_PIXELS = 120_000_000


class NoPhotoError(ValueError):
    """It can't be taken. `why`: "kind" (none of the three forms), "damaged", "large" (pixels)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A photo that may be kept and shown."""

    media_type: str
    suffix: str
    body: bytes
    width: int
    height: int


def of_size(media_type: str, suffix: str, body: bytes, width: int, height: int) -> Cleaned:
    """The same when a browser can show as many pixels; NoPhotoError otherwise."""
    if width < 1 or height < 1:
        raise NoPhotoError("damaged")
    if width * height > _MOST_PIXELS:
        raise NoPhotoError("large")
    return Cleaned(media_type, suffix, body, width, height)
