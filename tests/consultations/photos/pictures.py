"""Pictures drawn for tests, with everything a camera adds to them."""

import io
import struct
import zlib

import pillow_heif
from PIL import Image, ImageDraw, PngImagePlugin

pillow_heif.register_heif_opener()
SECRET = "Zanquilgps"
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf>{SECRET}</rdf></x:xmpmeta>'.encode()


def skin(size=(800, 600), mode="RGB"):
    """A warm field with a red corner at the top left, so that one can tell which way up it is."""
    picture = Image.new("RGB", size, (214, 170, 146))
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 3, size[1] // 3), fill=(200, 20, 20))
    return picture.convert(mode)


def exif(orientation=1):
    found = Image.Exif()
    found[0x0112], found[0x010E], found[0x010F] = orientation, SECRET, SECRET
    found.get_ifd(0x8825).update({1: "N", 2: (40.0, 58.0, 59.0), 3: "E", 4: (29.0, 1.0, 30.0)})
    return found


def encode(picture, kind="JPEG", **options):
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def jpeg(size=(800, 600), orientation=1, **options):
    """A JPEG as a phone makes it: EXIF with a position, XMP, a comment."""
    return encode(skin(size), "JPEG", exif=exif(orientation), xmp=XMP, comment=SECRET.encode(), **options)


def png(size=(800, 600), mode="RGB"):
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", SECRET)
    return encode(skin(size, mode), "PNG", pnginfo=info, exif=exif())


def heic(size=(800, 600), orientation=1):
    return encode(skin(size), "HEIF", quality=60, exif=exif(orientation).tobytes(), xmp=XMP)


def webp(size=(800, 600)):
    return encode(skin(size), "WEBP", exif=exif(), xmp=XMP)


def moving(kind):
    frames = [skin((200, 200)), Image.new("RGB", (200, 200), (0, 0, 0))]
    return encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def bomb(width=30_000, height=30_000):
    """A PNG of a few kilobytes that says it is 900 megapixels, and is."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packed = zlib.compressobj(9)
    body = packed.compress(b"\0" * 1_000_000) + packed.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
