"""Provider codes of the AIGC label (TC260-PG-20252A; check character: GB 32100-2015).

27 characters: `00`, subject type, binding, the company's 18-character unified social credit
code (USCC), service type, 4 characters of the provider's own.
"""

import re
from dataclasses import dataclass

#: Who stands behind a USCC (published codes and labels of the services).
PROVIDERS = {
    "91110102MACQD9K640": "Doubao (豆包)",
    "9144030008867405X2": "Jimeng (即梦)",
    "91440101MA9Y9T4H7A": "Qwen (千问)",
    "91330106MA2CFLDG4R": "Tongyi Wanxiang (通义万相)",
    "91110108335469089C": "Kling (可灵)",
    "91440300708461136T": "Tencent Yuanbao (腾讯元宝)",
    "91110000802100433B": "Baidu (百度)",
    "91340100MAEB4N8H76": "RunningHub",
    "91110105MACJ6K1C8A": "LiblibAI",
    "91110108MACC4D63XF": "Vidu",
    "91440300MA5G49LC9K": "Honor (荣耀)",
}
#: Plain names that services write instead of a code, in lower case.
PLAIN = {
    "doubao": "Doubao (豆包)",
    "kling": "Kling (可灵)",
    "minimax": "MiniMax",
    "runninghub": "RunningHub",
    "picwish": "PicWish",
}
SERVICES = {"1": "generation", "2": "propagation"}
_SHAPE = re.compile(r"00[0-9A-Z]{25}")
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


@dataclass(frozen=True)
class ProviderCode:
    """A decoded code. `service`: generation, propagation, or "" where it is neither."""

    uscc: str
    service: str
    own: str
    #: The USCC's check character is right.
    genuine: bool


def decode(text: str) -> ProviderCode | None:
    """Decode a code; None where the text has not the shape of one (a plain name is allowed)."""
    if not _SHAPE.fullmatch(text):
        return None
    uscc = text[4:22]
    bound = text[2:4] == "11"  # only organisations bound by their USCC have a check character
    return ProviderCode(uscc, SERVICES.get(text[22], ""), text[23:], not bound or _checks(uscc))


def name(text: str) -> str:
    """Return the name of a known provider, "" of an unknown one; takes a code or a plain name."""
    code = decode(text)
    return PROVIDERS.get(code.uscc, "") if code else PLAIN.get(text.strip().lower(), "")


def _checks(uscc: str) -> bool:
    """Weigh the first 17 characters; I, O, S, V and Z do not exist in a USCC (GB 32100)."""
    if any(character not in _ALPHABET for character in uscc):
        return False
    total = sum(w * _ALPHABET.index(c) for w, c in zip(_WEIGHTS, uscc, strict=False))
    return _ALPHABET[(31 - total % 31) % 31] == uscc[17]
