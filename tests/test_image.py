"""Opening images: limits, formats, orientation, damage."""

import io
import math
import struct
import warnings
from pathlib import Path

import numpy as np
import pylibjxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as PillowImage
from PIL import ImageOps

from scripts.pictures import bomb, png, scene
from server.decoding import SVG_LIMIT
from server.errors import (
    CheckUnavailable,
    EmptyImage,
    ImageError,
    ImageTooLarge,
    TooManyPixels,
    UnreadableImage,
    UnsupportedFormat,
)
from server.image import Image, chroma, load, resample, resize

SCENE = scene(0, 96, 64)
SAVED = {
    "JPEG": "JPEG",
    "PNG": "PNG",
    "WEBP": "WebP",
    "GIF": "GIF",
    "AVIF": "AVIF",
    "TIFF": "TIFF",
    "JPEG2000": "JPEG 2000",
}


def encode(picture: PillowImage.Image, kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


FILES = {name: encode(SCENE, kind) for kind, name in SAVED.items()}
# HEIC has no encoder here: this is our own scene, encoded once.
FILES["JPEG XL"] = pylibjxl.encode(np.asarray(SCENE))
FILES["HEIC"] = (Path(__file__).parent / "data/scene.heic").read_bytes()


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_its_name_size_and_pixels(name: str) -> None:
    image = load(FILES[name])
    assert (image.format, image.width, image.height) == (name, 96, 64)
    assert image.pixels.shape == (64, 96, 3)
    difference = np.abs(image.pixels.astype(int) - np.asarray(SCENE).astype(int))
    # GIF has 256 colours; the lossy codecs stay closer than that.
    assert difference.mean() < 16


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_to_size_and_pixels(orientation: int) -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    image = load(encode(SCENE, "JPEG", exif=exif, quality=95))
    turned = orientation >= 5
    assert (image.width, image.height) == ((64, 96) if turned else (96, 64))
    assert image.pixels.shape == (image.height, image.width, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_puts_the_pixels_upright(orientation: int) -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    image = load(encode(SCENE, "PNG", exif=exif))
    upright = ImageOps.exif_transpose(PillowImage.open(io.BytesIO(image.data)))
    assert (image.pixels == np.asarray(upright)).all()


def exif_of(kind: int, count: int, value: bytes) -> bytes:
    """EXIF that holds an Orientation of one TIFF type, big-endian, and nothing else."""
    entry = struct.pack(">HHI", 0x0112, kind, count)
    inline = value.ljust(4, b"\0") if len(value) <= 4 else struct.pack(">I", 26)
    return b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + entry + inline + bytes(4) + value


@pytest.mark.parametrize(
    "exif",
    [
        exif_of(2, 2, b"6\0"),
        exif_of(7, 3, b"\0\6x"),
        exif_of(12, 1, struct.pack(">d", math.nan)),
        exif_of(12, 1, struct.pack(">d", 6.0)),
        exif_of(5, 1, struct.pack(">II", 6, 0)),
        exif_of(3, 1, struct.pack(">H", 9)),
        exif_of(3, 1, struct.pack(">H", 0)),
        exif_of(8, 1, struct.pack(">h", -6)),
        b"Exif\0\0MM\0*\xff\xff\xff\xff",
        b"Exif\0\0nothing",
        b"Exif\0\0",
    ],
    ids=[
        "text",
        "bytes",
        "nan",
        "float",
        "fraction",
        "9",
        "0",
        "-6",
        "far",
        "none",
        "empty",
    ],
)
def test_an_odd_orientation_turns_nothing(exif: bytes) -> None:
    image = load(encode(SCENE, "JPEG", exif=exif))
    assert image.pixels.shape == (64, 96, 3)


def test_transparency_is_put_on_white() -> None:
    clear = PillowImage.new("RGBA", (70, 70), (200, 0, 0, 0))
    assert (load(encode(clear, "PNG")).pixels == 255).all()


def test_sixteen_bit_grey_is_scaled_and_not_clipped() -> None:
    grey = PillowImage.fromarray(np.full((70, 70), 0x8000, np.uint16))
    assert (load(encode(grey, "PNG")).pixels == 0x80).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert load(encode(SCENE.convert(mode), kind)).pixels.shape == (64, 96, 3)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_jpeg_xl_of_any_channels_becomes_rgb(channels: int) -> None:
    samples = np.full((64, 96, channels), 200, np.uint8)
    pixels = load(pylibjxl.encode(samples, lossless=True)).pixels
    assert pixels.shape == (64, 96, 3)
    white = round(255 + (200 - 255) * 200 / 255) if channels == 4 else 200
    assert abs(int(pixels.mean()) - white) <= 1


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="96" height="64"', (96, 64)),
        ('width="96px" height="64.4px" viewBox="0 0 5 5"', (96, 64)),
        ('viewBox="0 0 96 64"', (96, 64)),
        ('width="100%" height="10em" viewBox="0,0,96.2,63.9"', (96, 64)),
        ("", (300, 150)),
        ('width="0" height="-3"', (1, 150)),
        ('viewBox="a b c d"', (300, 150)),
        ('viewBox="0 0 5" height="64" width="96"', (96, 64)),
    ],
)
@pytest.mark.parametrize(
    "head", ["", '<?xml version="1.0"?>\n<!-- a -->', "\ufeff<!DOCTYPE svg>\n"]
)
def test_an_svg_has_a_size_and_no_pixels(attributes: str, size: tuple[int, int], head: str) -> None:
    image = load(f'{head}<svg xmlns="http://www.w3.org/2000/svg" {attributes}/>'.encode())
    assert (image.format, image.width, image.height) == ("SVG", *size)
    with pytest.raises(CheckUnavailable, match="no_pixels"):
        image.pixels  # noqa: B018
    assert image.columns(3) is None


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_columns_of_a_lossless_file_are_the_stored_ones(mode: str) -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = 6  # the pixels are turned, the columns are not
    stored = SCENE.convert(mode)
    columns = load(encode(stored, "PNG", exif=exif)).columns(7)
    assert columns is not None
    assert (columns == np.asarray(stored)[:, :7]).all()
    assert load(encode(SCENE, "JPEG")).columns(7) is None
    assert load(encode(SCENE.convert("P"), "PNG")).columns(7) is None


def test_an_animation_shows_its_first_frame() -> None:
    red, blue = (PillowImage.new("RGB", (70, 70), c) for c in ("red", "blue"))
    data = encode(red, "GIF", save_all=True, append_images=[blue])
    assert tuple(load(data).pixels[0, 0]) == (255, 0, 0)


def test_a_multi_picture_jpeg_is_a_jpeg() -> None:
    data = encode(SCENE, "MPO", save_all=True, append_images=[scene(1, 96, 64)])
    assert load(data).format == "JPEG"


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (b"", EmptyImage, "0 bytes"),
        (b"hello, world", UnsupportedFormat, "68 65 6c 6c 6f"),
        (b"<!DOCTYPE html><svg/>", UnsupportedFormat, "none of the formats"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", UnreadableImage, "not well-formed"),
        (b"<svg/>", UnsupportedFormat, "root element is another"),
        (b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg>&a;</svg>", UnsupportedFormat, "entities"),
        (b"<svg>" + bytes(SVG_LIMIT), ImageTooLarge, f"the limit is {SVG_LIMIT}"),
        (b"\xff\x0a", UnreadableImage, "cannot be read"),
        (b"%PDF-1.7", UnsupportedFormat, "none of the formats"),
        (b"\xff\xd8\xff", UnreadableImage, "3 bytes"),
        (b"\x89PNG\r\n\x1a\n", UnreadableImage, "damaged or cut short"),
        (bomb(), TooManyPixels, "2500000000"),
        # Between our limit and Pillow's: nothing may be decoded to learn the orientation.
        (bomb(11_000, 10_000), TooManyPixels, "110000000 pixels; the limit is 100000000"),
    ],
    ids=lambda value: value[:12].decode("latin-1") if isinstance(value, bytes) else "",
)
def test_what_is_refused_says_why(data: bytes, error: type[ImageError], words: str) -> None:
    with pytest.raises(error, match=words):
        load(data)


def test_too_many_bytes_are_refused_before_anything_is_parsed() -> None:
    with pytest.raises(ImageTooLarge, match="12 bytes; the limit is 11"):
        load(b"hello, world", byte_limit=11)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.6, 0.9])
def test_a_cut_file_is_refused_or_shown_and_nothing_else(name: str, share: float) -> None:
    data = FILES[name][: int(len(FILES[name]) * share)]
    try:
        assert load(data).pixels.shape[2] == 3
    except UnreadableImage:
        pass


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_damaged_bytes_raise_only_our_errors(name: str, data: st.DataObject) -> None:
    damaged = bytearray(FILES[name])
    places = st.integers(0, len(damaged) - 1)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(places)] = data.draw(st.integers(0, 255))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            load(bytes(damaged), pixel_limit=1_000_000).pixels  # noqa: B018
        except ImageError:
            pass


def test_resize_gives_the_asked_size() -> None:
    assert resize(np.asarray(SCENE), 31, 17).shape == (17, 31, 3)


def coloured(size: tuple[int, int] = (64, 48)) -> PillowImage.Image:
    """Squares of 2 x 2 pixels of random colour: no smoothing leaves them as they are."""
    width, height = size
    random = np.random.default_rng(3)
    small = random.integers(90, 160, (height // 2, width // 2, 3))
    return PillowImage.fromarray(np.kron(small, np.ones((2, 2, 1))).astype(np.uint8))


def cb_cr(picture: PillowImage.Image) -> tuple[np.ndarray, np.ndarray]:
    values = np.asarray(picture.convert("RGB"), np.float64)
    luma = values @ (0.299, 0.587, 0.114)
    return (values[..., 2] - luma) / 1.772, (values[..., 0] - luma) / 1.402


def saved(picture: PillowImage.Image, kind: str, **options: object) -> Image:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return load(out.getvalue())


def test_chroma_of_a_png_is_that_of_its_pixels() -> None:
    picture = coloured()
    found = chroma(saved(picture, "PNG"))
    assert (found.step, found.noise) == (1, 0)
    for plane, wanted in zip((found.blue, found.red), cb_cr(picture), strict=True):
        assert np.allclose(plane, wanted, atol=1e-3)


@pytest.mark.parametrize("size", [(64, 48), (62, 50), (66, 34)])
def test_chroma_of_a_halved_jpeg_is_not_smoothed(size: tuple[int, int]) -> None:
    picture = coloured(size)
    found = chroma(saved(picture, "JPEG", quality=100, subsampling=2))
    assert found.step == 2
    assert 0 < found.noise < 0.5
    for plane, wanted in zip((found.blue, found.red), cb_cr(picture), strict=True):
        assert plane.shape == (size[1] // 2, size[0] // 2)
        # Rounding to whole levels; an up-sampling would be off by ten and more.
        assert np.abs(plane - wanted[::2, ::2]).max() < 2


@pytest.mark.parametrize("mode", ["L", "CMYK"])
@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_chroma_of_other_jpegs_comes_from_the_pixels(mode: str, subsampling: int) -> None:
    image = saved(coloured().convert(mode), "JPEG", quality=95, subsampling=subsampling)
    found = chroma(image)
    assert found.step == 1
    assert found.blue.shape == (image.height, image.width)


def test_chroma_of_a_turned_jpeg_is_upright() -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    found = chroma(saved(coloured(), "JPEG", exif=exif))
    assert (found.step, found.blue.shape) == (1, (64, 48))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_chroma_of_some_rows_is_that_part_of_all(kind: str) -> None:
    image = saved(coloured(), kind)
    whole, part = chroma(image), chroma(image, 8, 24)
    rows = slice(8 // whole.step, 24 // whole.step)
    assert np.array_equal(part.blue, whole.blue[rows])
    assert np.array_equal(part.red, whole.red[rows])


def test_chroma_of_a_damaged_jpeg_is_refused() -> None:
    out = io.BytesIO()
    coloured((256, 256)).save(out, "JPEG", quality=95)
    with pytest.raises(UnreadableImage):
        chroma(load(out.getvalue()[: out.tell() // 2]))


def test_resampled_planes_keep_level_and_size() -> None:
    plane = np.full((20, 30), -3.5, np.float32)
    found = resample(plane, 45, 10)
    assert (found.shape, found.dtype) == ((10, 45), np.float32)
    assert np.allclose(found, -3.5, atol=1e-5)


def test_chroma_of_a_lossy_webp_is_sharper_than_its_pixels() -> None:
    picture = coloured((256, 256))
    wanted = cb_cr(picture)[0][::2, ::2]
    image = saved(picture, "WEBP", quality=100)
    found = chroma(image)
    pixels = cb_cr(PillowImage.fromarray(image.pixels))[0]
    smooth = pixels.reshape(128, 2, 128, 2).mean((1, 3))
    assert found.step == 2
    assert np.abs(found.blue - wanted).mean() < 0.6 * np.abs(smooth - wanted).mean()


def test_chroma_of_a_lossless_webp_is_that_of_its_pixels() -> None:
    picture = coloured()
    for options in ({"lossless": True}, {"lossless": True, "exif": PillowImage.Exif().tobytes()}):
        found = chroma(saved(picture, "WEBP", **options))
        assert found.step == 1
        assert np.allclose(found.blue, cb_cr(picture)[0], atol=1e-3)


def test_the_container_is_walked_once_for_all_checks() -> None:
    image = load(png(SCENE, {"Comment": "a note"}))
    assert [block.keyword for block in image.blocks] == ["Comment"]
    assert image.blocks is image.blocks
