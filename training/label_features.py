"""Hashed n-grams for the detectors that tell several labels apart: the reference that the Rust crate must equal.

Arithmetic is unsigned, 64 bits, wrapping. Each reading of a text yields two lists of 32-bit hashes; a model with 2 ** b
buckets takes the top b bits of a hash as its bucket.

Reading `letters`, for natural languages. The text is read code point by code point; ASCII letters become lower case, as do
the Latin, Greek and Cyrillic capitals that `lower` names. What `separates` is a separator. A chunk is a maximal run of
others. List 1: its n-grams of 1 to 4 code points, read with one space before and one after it (the space alone is no
1-gram). List 2: the chunk as a whole (chunks of up to 24 code points).

Reading `tokens`, for code. Case counts. A token is a run of word characters (ASCII letters, digits, `_`, everything from
U+0080 on; a run that begins with a digit reads as `0`), a line break with the white space after it (`\\n` alone reads as 1, with
indentation as 2), or one other ASCII character; other white space and control characters separate. Runs of line breaks
are one. List 1: each token. List 2: pairs and triples of neighbouring tokens.
"""

import numba
import numpy as np

K = np.uint64(0x9E3779B97F4A7C15)
KW = np.uint64(0xC2B2AE3D27D4EB4F)
M = np.array([0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3, 0x589965CC75374CC3], np.uint64)
CHUNK_WORD_MAX = 24

LETTERS, TOKENS = 0, 1


@numba.njit(cache=True)
def lower(c):
    if 0x41 <= c <= 0x5A or 0xC0 <= c <= 0xDE or 0x391 <= c <= 0x3A9 or 0x410 <= c <= 0x42F:
        return c + 32
    if 0x400 <= c <= 0x40F:
        return c + 80
    if (0x100 <= c <= 0x137 or 0x14A <= c <= 0x177 or 0x1E00 <= c <= 0x1EFF) and c % 2 == 0:
        return c + 1
    if (0x139 <= c <= 0x148 or 0x179 <= c <= 0x17E) and c % 2 == 1:
        return c + 1
    return c


@numba.njit(cache=True)
def separates(c):
    if c < 0x80:
        return not (0x61 <= c <= 0x7A or 0x41 <= c <= 0x5A)
    if c < 0xC0 or c == 0xD7 or c == 0xF7:
        return True
    if c < 0x2000:
        return c == 0x60C or c == 0x61B or c == 0x61F or 0x660 <= c <= 0x669 or c == 0x6D4 or 0x6F0 <= c <= 0x6F9 or 0x964 <= c <= 0x965
    if c < 0x3100:
        return c < 0x2C00 or 0x2E00 <= c <= 0x3004 or 0x3008 <= c <= 0x3030 or c == 0x30FB
    if c < 0xFE00:
        return False
    return c <= 0xFE6F or 0xFF00 <= c <= 0xFF20 or 0xFF3B <= c <= 0xFF40 or 0xFF5B <= c <= 0xFF65 or 0x1F000 <= c <= 0x1FAFF or c >= 0xE0000


@numba.njit(cache=True)
def top(hash64):
    return np.uint32(hash64 >> np.uint64(32))


@numba.njit(cache=True)
def letters(codes, first, second):
    """Fills the lists; 4 hashes a code point and 4 more, 1 a code point and 1 more. Returns how many of each."""
    n1 = n2 = 0
    zero, one, space = np.uint64(0), np.uint64(1), np.uint64(0x20)
    g1 = g2 = g3 = zero
    length = 0  # code points of the chunk so far, its opening space included; 0 outside
    h = zero
    for i in range(len(codes) + 1):
        c = lower(codes[i]) if i < len(codes) else 0x20
        ends = separates(c)
        if ends and length == 0:
            continue
        if length == 0:
            g1, length, h = space, 1, zero
        code = space if ends else np.uint64(c)
        g4, g3, g2, g1 = g3 * K + code, g2 * K + code, g1 * K + code, code
        length += 1
        if not ends:
            first[n1] = top((g1 + one) * M[0])
            n1 += 1
        if length >= 2:
            first[n1] = top(g2 * M[1])
            n1 += 1
        if length >= 3:
            first[n1] = top(g3 * M[2])
            n1 += 1
        if length >= 4:
            first[n1] = top(g4 * M[3])
            n1 += 1
        if ends:
            if length - 2 <= CHUNK_WORD_MAX:
                second[n2] = top((h ^ (h >> np.uint64(29))) * M[4])
                n2 += 1
            length = 0
        else:
            h = (h + code + one) * K
    return n1, n2


@numba.njit(cache=True)
def word_character(c):
    return 0x30 <= c <= 0x39 or 0x41 <= c <= 0x5A or 0x61 <= c <= 0x7A or c == 0x5F or c >= 0x80


@numba.njit(cache=True)
def tokens(codes, first, second):
    """Fills the lists; 1 hash a code point and 1 more, 2 a code point and 2 more. Returns how many of each."""
    n1 = n2 = 0
    one = np.uint64(1)
    h1 = h2 = np.uint64(0)
    seen = 0
    i = 0
    count = len(codes)
    while i < count:
        c = codes[i]
        if word_character(c):
            h = np.uint64(0)
            digit = 0x30 <= c <= 0x39
            while i < count and word_character(codes[i]):
                if not digit:
                    h = (h + np.uint64(codes[i]) + one) * K
                i += 1
            if digit:
                h = (np.uint64(0x30) + one) * K
        elif c == 0x0A:
            indented = False
            while i < count and (codes[i] <= 0x20 or codes[i] == 0x7F):
                indented = codes[i] != 0x0A and codes[i] != 0x0D
                i += 1
            h = np.uint64(2 if indented else 1) * KW
        elif c <= 0x20 or c == 0x7F:
            i += 1
            continue
        else:
            h = (np.uint64(c) + one) * K
            i += 1
        h ^= h >> np.uint64(29)
        first[n1] = top(h * M[0])
        n1 += 1
        if seen >= 1:
            second[n2] = top((h1 * KW + h) * M[1])
            n2 += 1
        if seen >= 2:
            second[n2] = top(((h2 * KW + h1) * KW + h) * M[2])
            n2 += 1
        h2, h1 = h1, h
        seen += 1
    return n1, n2


def features(text: str, reading: int) -> tuple[np.ndarray, np.ndarray]:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)
    first = np.empty(4 * len(codes) + 4, np.uint32)
    second = np.empty(2 * len(codes) + 2, np.uint32)
    n1, n2 = (letters if reading == LETTERS else tokens)(codes, first, second)
    return first[:n1].copy(), second[:n2].copy()
