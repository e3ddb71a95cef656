"""Every error that Touchstone raises, as one tree.

* TouchstoneError               a sentence for the person, a code for the program
  x CheckUnavailable            a check could not look (never part of the verdict)
  x WeightsError                the weights are missing, altered or not ours
  x StoreError                  the store cannot be opened, read or written
  x RequestError                the request is refused; carries its HTTP status
    - ImageError
      . EmptyImage              400
      . UnreadableImage         422
      . UnsupportedFormat       415
      . ImageTooLarge           413  too many bytes
      . TooManyPixels           413
    - BadRequest                400
    - Unauthorized              401
    - Forbidden                 403
    - NotFound                  404
    - MethodNotAllowed          405
    - UnsupportedMediaType      415
    - RateLimited               429  carries the seconds to wait
    - Busy                      503  carries the seconds to wait
"""

from collections.abc import Mapping

Param = str | int | float


class TouchstoneError(Exception):
    """Base of the tree; `str()` is the sentence."""


class CheckUnavailable(TouchstoneError):
    """A check could not look; `code` and `params` say why in every language."""

    def __init__(self, code: str, params: Mapping[str, Param] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.params: dict[str, Param] = dict(params or {})


class WeightsError(TouchstoneError):
    """The weights are missing or their SHA-256 is not the registry's."""


class StoreError(TouchstoneError):
    """The store cannot be opened, read or written; names the path and what to do."""


class RequestError(TouchstoneError):
    """A refused request: `status` for HTTP, `code` for programs, the text for people."""

    status = 400
    code = "bad_request"

    def __init__(self, message: str, code: str | None = None, *, retry_after: int = 0) -> None:
        super().__init__(message)
        self.code = code or self.code
        self.retry_after = retry_after  # seconds; 0 = do not say

    def as_json(self) -> dict[str, dict[str, str]]:
        """Return the one error shape of the API."""
        return {"error": {"code": self.code, "message": str(self)}}


class ImageError(RequestError):
    """The bytes are not an image that we can examine."""


class EmptyImage(ImageError):
    code = "empty_body"


class UnreadableImage(ImageError):
    status = 422
    code = "unreadable_image"


class UnsupportedFormat(ImageError):
    status = 415
    code = "unsupported_format"


class ImageTooLarge(ImageError):
    status = 413
    code = "too_large"


class TooManyPixels(ImageError):
    status = 413
    code = "too_many_pixels"


class BadRequest(RequestError):
    pass


class Unauthorized(RequestError):
    status = 401
    code = "unauthorized"


class Forbidden(RequestError):
    status = 403
    code = "forbidden_origin"


class NotFound(RequestError):
    status = 404
    code = "not_found"


class MethodNotAllowed(RequestError):
    status = 405
    code = "method_not_allowed"


class UnsupportedMediaType(RequestError):
    status = 415
    code = "unsupported_media_type"


class RateLimited(RequestError):
    status = 429
    code = "rate_limited"


class Busy(RequestError):
    status = 503
    code = "busy"
