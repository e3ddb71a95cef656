"""Binary BCH codes over GF(128), polynomial x^7 + x^3 + 1 (137), shortened: check and correct.

Lin and Costello, Error Control Coding, chapter 6: syndromes, Berlekamp and Massey's locator,
Chien's search. A codeword is a list of bits, highest power first: data, then parity.
"""

from functools import cache

POLYNOMIAL = 137
ORDER = 127  # of the field's multiplicative group, and the longest codeword

Bits = list[int]


@cache
def _tables() -> tuple[list[int], list[int]]:
    """Return the powers of the primitive element, twice over, and the logarithms."""
    powers, logarithms, value = [0] * (2 * ORDER), [0] * (ORDER + 1), 1
    for at in range(ORDER):
        powers[at] = powers[at + ORDER] = value
        logarithms[value] = at
        value <<= 1
        if value > ORDER:
            value ^= POLYNOMIAL
    return powers, logarithms


def _times(one: int, other: int) -> int:
    powers, logarithms = _tables()
    return powers[logarithms[one] + logarithms[other]] if one and other else 0


@cache
def generator(errors: int) -> int:
    """Return the generator polynomial that corrects this many errors; bit d stands for x^d."""
    powers, _ = _tables()
    roots = {(odd << shift) % ORDER for odd in range(1, 2 * errors, 2) for shift in range(7)}
    product = [1]
    for root in sorted(roots):
        higher = [0, *product]
        for at, factor in enumerate(product):
            higher[at] ^= _times(factor, powers[root])
        product = higher
    return sum(bit << at for at, bit in enumerate(product))


def parity(data: Bits, errors: int) -> Bits:
    """Return the parity bits of data: the remainder of its division by the generator."""
    divisor = generator(errors)
    length = divisor.bit_length() - 1
    value = int("".join(map(str, data)) or "0", 2) << length
    while value.bit_length() > length:
        value ^= divisor << (value.bit_length() - length - 1)
    return [int(bit) for bit in f"{value:0{length}b}"]


def correct(codeword: Bits, errors: int) -> Bits | None:
    """Return the codeword without its errors; None where there are more than `errors`."""
    powers, _ = _tables()
    degrees = [len(codeword) - 1 - at for at, bit in enumerate(codeword) if bit]
    syndromes = [0] * (2 * errors)
    for number in range(2 * errors):
        for degree in degrees:
            syndromes[number] ^= powers[(number + 1) * degree % ORDER]
    if not any(syndromes):
        return list(codeword)
    locator = _locator(syndromes)
    fixed, found = list(codeword), 0
    for at in range(len(codeword)):
        inverse = powers[-(len(codeword) - 1 - at) % ORDER]
        value = 0
        for factor in reversed(locator):
            value = _times(value, inverse) ^ factor
        if value == 0:
            fixed[at] ^= 1
            found += 1
    # Roots outside the shortened word, or too many errors: no codeword is near.
    return fixed if found == len(locator) - 1 <= errors else None


def _locator(syndromes: list[int]) -> list[int]:
    """Return the error locator, lowest power first, by Berlekamp and Massey."""
    powers, logarithms = _tables()
    current, before, gap, last, length = [1], [1], 1, 1, 0
    for number, syndrome in enumerate(syndromes):
        off = syndrome
        for at in range(1, min(length, len(current) - 1) + 1):
            off ^= _times(current[at], syndromes[number - at])
        if off == 0:
            gap += 1
            continue
        scale = powers[(logarithms[off] - logarithms[last]) % ORDER]
        shifted = [0] * gap + [_times(scale, factor) for factor in before]
        size = max(len(current), len(shifted))
        added = [
            (current[at] if at < len(current) else 0) ^ (shifted[at] if at < len(shifted) else 0)
            for at in range(size)
        ]
        if 2 * length <= number:
            length, before, last, gap = number + 1 - length, current, off, 1
        else:
            gap += 1
        current = added
    while len(current) > 1 and current[-1] == 0:
        current.pop()
    return current
