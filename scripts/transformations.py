"""What the web does to a picture before a person sees it: each makes a new file of its pixels."""

import io
from collections.abc import Callable

from PIL import Image as PillowImage

Picture = PillowImage.Image


def _encoded(picture: Picture, kind: str, quality: int | None = None) -> bytes:
    target = io.BytesIO()
    if quality is None:
        picture.save(target, kind)
    else:
        picture.save(target, kind, quality=quality)
    return target.getvalue()


def _scaled(picture: Picture, factor: float, *, linear: bool = False) -> Picture:
    kind = PillowImage.Resampling.BILINEAR if linear else PillowImage.Resampling.LANCZOS
    size = [max(1, round(side * factor)) for side in picture.size]
    return picture.resize((size[0], size[1]), kind)


#: Scaling alone is saved without loss. A screenshot is what a screen showed: resampled by the
#: browser and saved as PNG.
TRANSFORMATIONS: dict[str, Callable[[Picture], bytes]] = {
    "JPEG q90": lambda picture: _encoded(picture, "JPEG", 90),
    "JPEG q70": lambda picture: _encoded(picture, "JPEG", 70),
    "JPEG q50": lambda picture: _encoded(picture, "JPEG", 50),
    "0.5 ×": lambda picture: _encoded(_scaled(picture, 0.5), "PNG"),
    "0.25 ×": lambda picture: _encoded(_scaled(picture, 0.25), "PNG"),
    "JPEG q70 + 0.5 ×": lambda picture: _encoded(_scaled(picture, 0.5), "JPEG", 70),
    "screenshot": lambda picture: _encoded(_scaled(picture, 0.75, linear=True), "PNG"),
    "WebP q80": lambda picture: _encoded(picture, "WEBP", 80),
}
#: The name of no transformation.
ORIGINAL = "original"
