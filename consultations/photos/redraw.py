"""Untrusted bytes in, a clean JPEG and its thumbnail out. Pure.

What comes out was drawn pixel by pixel on a fresh canvas: no EXIF, position, XMP, profile, comment, embedded thumbnail or
appended file of the original survives. A plain re-save would keep some of these (a JPEG's comment, for one).
"""

import io
from dataclasses import dataclass

import pillow_heif
from PIL import Image, ImageCms

pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)

LARGEST_FILE = 10 * 1024 * 1024
"""Bytes of an upload."""
LARGEST_PIXELS = 40_000_000
"""Width times height, read from the header before a pixel is decoded."""
SMALLEST_SIDE = 120
"""Pixels; less shows nothing of a skin."""
LONGEST_SIDE, THUMB_SIDE = 2400, 640
QUALITY, THUMB_QUALITY = 88, 82
WHITE = (255, 255, 255)

HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1"}
SEQUENCE_BRANDS = {b"msf1", b"hevc", b"hevx"}
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation → what brings it upright."""
ORIENTATION = 0x0112


class NotAPhoto(Exception):
    """``code``: kind, size, pixels, small, moving, broken. Pages have a sentence for each."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Redrawn:
    """Two JPEGs, upright, in sRGB, without metadata. ``width`` and ``height`` are those of the large one, in pixels."""

    full: bytes
    thumb: bytes
    width: int
    height: int


def format_of(data: bytes) -> str:
    """JPEG, PNG, WEBP or HEIF by the first bytes; a name or a declared type is never asked. Raises NotAPhoto."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        if data[8:12] in SEQUENCE_BRANDS:
            raise NotAPhoto("moving")
        if data[8:12] in HEIF_BRANDS:
            return "HEIF"
    raise NotAPhoto("kind")


def redraw(data: bytes) -> Redrawn:
    """Raises NotAPhoto for everything that is not one still picture of a kind we read, and for nothing else."""
    if len(data) > LARGEST_FILE:
        raise NotAPhoto("size")
    kind = format_of(data)
    try:
        return _redraw(data, kind)
    except NotAPhoto:
        raise
    except Image.DecompressionBombError:
        raise NotAPhoto("pixels") from None
    except Exception:  # whatever a decoder makes of hostile bytes, the file is at fault
        raise NotAPhoto("broken") from None


def _redraw(data: bytes, kind: str) -> Redrawn:
    with Image.open(io.BytesIO(data), formats=[kind]) as image:
        width, height = image.size
        if width * height > LARGEST_PIXELS:
            raise NotAPhoto("pixels")
        if min(width, height) < SMALLEST_SIDE:
            raise NotAPhoto("small")
        if kind in ("PNG", "WEBP") and getattr(image, "n_frames", 1) > 1:
            raise NotAPhoto("moving")
        if kind == "JPEG":
            # The decoder leaves out what would be thrown away: a 40-megapixel photo takes a quarter of the memory.
            image.draft(None, (LONGEST_SIDE, LONGEST_SIDE))
        image.load()
        turned = UPRIGHT.get(image.getexif().get(ORIENTATION, 1))  # a HEIF arrives upright and says 1
        picture = _in_srgb(image)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    if turned is not None:
        picture = picture.transpose(turned)
    full = _on_fresh_canvas(picture)
    thumb = full.copy()
    thumb.thumbnail((THUMB_SIDE, THUMB_SIDE), Image.Resampling.LANCZOS)
    return Redrawn(_as_jpeg(full, QUALITY), _as_jpeg(thumb, THUMB_QUALITY), *full.size)


def _in_srgb(image: Image.Image) -> Image.Image:
    """RGB or RGBA in sRGB. A profile that cannot be read is left aside: colours a little off are better than no photo."""
    profile, picture = image.info.get("icc_profile"), image
    if picture.mode.startswith(("I", "F")):
        picture = picture.point(lambda value: value / 256).convert("L")
    has_alpha = picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info
    if profile and picture.mode in ("RGB", "RGBA", "CMYK", "L"):
        alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
        try:
            base = picture.convert("RGB") if alpha else picture
            picture = ImageCms.profileToProfile(
                base, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            if alpha:
                picture.putalpha(alpha)
            return picture
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            picture = image
    return picture.convert("RGBA" if has_alpha else "RGB")


def _on_fresh_canvas(picture: Image.Image) -> Image.Image:
    canvas = Image.new("RGB", picture.size, WHITE)
    canvas.paste(picture, (0, 0), picture.getchannel("A") if picture.mode == "RGBA" else None)
    return canvas


def _as_jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
