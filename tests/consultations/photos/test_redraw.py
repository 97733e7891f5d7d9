"""What comes in may be anything; what comes out is a clean, upright JPEG, or a refusal with a reason."""

import io
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from consultations.photos import redraw as module
from consultations.photos.apart import redraw_apart
from consultations.photos.redraw import LARGEST_FILE, LONGEST_SIDE, THUMB_SIDE, NotAPhoto, redraw
from tests.consultations.photos.pictures import SECRET, bomb, encode, heic, jpeg, moving, png, skin, webp

KINDS = {"jpeg": jpeg(), "png": png(), "heic": heic(), "webp": webp()}


def opened(data):
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def is_red(picture, corner):
    width, height = picture.size
    x, y = {"top left": (9, 9), "top right": (width - 9, 9), "bottom left": (9, height - 9)}[corner]
    red, green, _blue = picture.getpixel((x, y))
    return red > 150 and green < 90


def refusal(data):
    with pytest.raises(NotAPhoto) as found:
        redraw(data)
    return found.value.code


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_comes_out_as_a_jpeg_and_a_thumbnail(kind):
    drawn = redraw(KINDS[kind])
    full, thumb = opened(drawn.full), opened(drawn.thumb)
    assert (full.format, full.mode, full.size) == ("JPEG", "RGB", (800, 600))
    assert (drawn.width, drawn.height) == full.size
    assert max(thumb.size) == THUMB_SIDE
    assert is_red(full, "top left") and not is_red(full, "top right")


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_what_the_camera_wrote_is_left(kind):
    assert SECRET.encode() in KINDS[kind]
    drawn = redraw(KINDS[kind])
    for data in (drawn.full, drawn.thumb):
        assert SECRET.encode() not in data
        for mark in (b"Exif", b"http://ns.adobe.com", b"ICC_PROFILE", b"\xff\xfe", b"xmp", b"GPS"):
            assert mark not in data[:2000], mark
        picture = opened(data)
        assert dict(picture.getexif()) == {}
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("make", [jpeg, heic])
def test_a_photo_stands_as_the_camera_was_held(make, orientation):
    """The stored corner that is red moves to where the orientation says."""
    drawn = opened(redraw(make(orientation=orientation)).full)
    assert drawn.size == ((800, 600) if orientation < 5 else (600, 800))
    corners = {1: "top left", 2: "top right", 4: "bottom left", 5: "top left", 6: "top right", 8: "bottom left"}
    if orientation in corners:
        assert is_red(drawn, corners[orientation])
    else:
        assert not any(is_red(drawn, corner) for corner in ("top left", "top right", "bottom left"))


def test_a_large_photo_is_made_smaller():
    drawn = redraw(jpeg((6000, 4000), quality=40))
    assert (drawn.width, drawn.height) == (LONGEST_SIDE, LONGEST_SIDE * 2 // 3)


def test_what_is_seen_through_becomes_white():
    picture = Image.new("RGBA", (300, 300), (10, 20, 30, 0))
    assert opened(redraw(encode(picture, "PNG")).full).getpixel((150, 150)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "RGBA"])
def test_every_way_to_write_colours_is_read(mode):
    assert opened(redraw(encode(skin(mode=mode), "PNG")).full).mode == "RGB"


def test_four_inks_and_sixteen_bits_are_read():
    assert redraw(encode(skin(mode="CMYK"), "JPEG")).width == 800
    deep = Image.new("I;16", (300, 300), 40_000)
    grey = opened(redraw(encode(deep, "PNG")).full).getpixel((150, 150))
    assert abs(grey[0] - 40_000 // 256) < 4


def test_another_colour_space_becomes_srgb_and_a_broken_one_is_left_aside():
    wide = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for profile in (wide, b"no profile at all"):
        assert redraw(encode(skin(), "JPEG", icc_profile=profile)).width == 800


def test_the_second_picture_of_a_phone_is_left_out():
    """Phones write JPEGs with a further picture in them (MPO); the first one is the photo."""
    drawn = redraw(encode(skin(), "MPO", save_all=True, append_images=[Image.new("RGB", (400, 400))]))
    assert (drawn.width, drawn.height) == (800, 600)


def test_a_file_that_is_also_another_one_comes_out_as_the_photo_alone():
    out = io.BytesIO(jpeg())
    with zipfile.ZipFile(out, "a") as packed:
        packed.writestr("run.js", SECRET)
    both = out.getvalue() + b"<script>alert(1)</script>"
    assert zipfile.is_zipfile(io.BytesIO(both))
    drawn = redraw(both)
    assert not zipfile.is_zipfile(io.BytesIO(drawn.full)) and b"<script" not in drawn.full


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.7 a photo, honestly",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"PK\x03\x04" + bytes(3000),
        b"GIF89a" + bytes(3000),
        b"MM\0*" + bytes(300),
        b"\0\0\0\x1cftypavif" + bytes(300),
        b"\0\0\0\x1cftypmp42" + bytes(300),
    ],
)
def test_what_is_no_photo_of_ours_is_known_by_its_first_bytes(data):
    assert refusal(data) == "kind"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_moving_picture_is_refused(kind):
    assert refusal(moving(kind)) == "moving"


def test_a_bomb_is_refused_by_its_header():
    assert len(bomb()) < 20_000
    assert refusal(bomb()) == "pixels"
    assert refusal(bomb(8000, 5001)) == "pixels"


def test_sizes_at_the_edge(monkeypatch):
    assert refusal(jpeg((800, 119))) == "small"
    assert redraw(jpeg((800, 120))).height == 120
    assert refusal(b"\xff\xd8\xff" + bytes(LARGEST_FILE)) == "size"
    monkeypatch.setattr(module, "LARGEST_PIXELS", 480_000)
    assert redraw(jpeg()).width == 800
    assert refusal(jpeg((801, 600))) == "pixels"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", [0.2, 0.6, 0.95])
def test_a_photo_that_is_not_whole_is_refused(kind, part):
    data = encode(Image.effect_noise((400, 400), 90).convert("RGB"), {"heic": "HEIF"}.get(kind, kind.upper()))
    assert refusal(data[: int(len(data) * part)]) == "broken"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from([*KINDS, ""]),
    wounds=st.lists(st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=8)), max_size=6),
    cut=st.floats(0, 1),
    tail=st.binary(max_size=200),
)
def test_whatever_the_bytes_the_answer_is_a_photo_or_a_reason(kind, wounds, cut, tail):
    data = bytearray(KINDS.get(kind, b""))
    for at, wound in wounds:
        place = at % (len(data) or 1)
        data[place : place + len(wound)] = wound
    data = bytes(data[: int(len(data) * (0.5 + cut / 2))]) + tail
    try:
        drawn, why = redraw(data), ""
    except NotAPhoto as refused:
        drawn, why = None, refused.code
    assert why in {"", "kind", "size", "pixels", "small", "moving", "broken"}
    if drawn:
        assert opened(drawn.full).size == (drawn.width, drawn.height)
        assert SECRET.encode() not in drawn.full


# --- in a process of its own


def test_the_same_comes_back_from_the_other_process():
    assert redraw_apart(jpeg()) == redraw(jpeg())


@pytest.mark.parametrize(("data", "code"), [(bomb(), "pixels"), (jpeg()[:900], "broken"), (b"x", "kind")])
def test_refusals_come_back_too(data, code):
    with pytest.raises(NotAPhoto) as found:
        redraw_apart(data)
    assert found.value.code == code


def test_the_other_process_gets_no_secret(monkeypatch):
    from consultations.photos import apart

    monkeypatch.setenv("FIELD_KEYS", "k1:secret")
    assert not {"FIELD_KEYS", "SECRET_KEY", "DATABASE_URL", "SEARCH_KEY"} & set(apart._bare())


def test_one_that_takes_too_long_or_too_much_is_given_up(monkeypatch):
    from consultations.photos import apart

    def hang(*args, timeout, **more):
        raise apart.subprocess.TimeoutExpired("x", timeout)

    monkeypatch.setattr(apart.subprocess, "run", hang)
    for _again in range(4):  # its turn is given back each time
        with pytest.raises(NotAPhoto) as found:
            redraw_apart(jpeg())
        assert found.value.code == "broken"


def test_more_than_two_at_once_wait_and_then_are_told(monkeypatch):
    from consultations.photos import apart

    monkeypatch.setattr(apart, "SECONDS", 0.05)
    assert apart.AT_ONCE.acquire() and apart.AT_ONCE.acquire()
    try:
        with pytest.raises(NotAPhoto) as found:
            redraw_apart(jpeg())
    finally:
        apart.AT_ONCE.release()
        apart.AT_ONCE.release()
    assert found.value.code == "busy"
