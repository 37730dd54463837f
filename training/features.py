"""Hashed word and character n-grams of a folded text: the reference that the Rust crate must equal bit for bit.

A text is read once, code point by code point. Arithmetic is unsigned, 64 bits, wrapping.

Classes of code points
    separator   c <= U+0020
    single      c >= U+2E80 (CJK, kana, Hangul, emoji) or U+2190..U+2BFF (symbols): each is a word of its own
    letter      ASCII letters, digits, `_`, `'`, and everything else from U+0080 on
    mark        the remaining ASCII: ends a word, but is part of a chunk

Character n-grams. A chunk is a maximal run without separators, read with one space before and one after it. With
g1 = c and g(n)[i] = g(n-1)[i-1] * K + c[i], the bucket of the n-gram that ends at i is (g(n) * M(n)) >> 46, for n =
3, 4, 5.

Words. A word is a maximal run of letters, or one single: h = 0, then h = (h + c + 1) * K for each code point, at its
end h ^= h >> 29. Buckets: (h * MW1) >> 46, with the word before it in the text (h1 = its h)
((h1 * KW + h) * MW2) >> 46, and with the two before it (((h2 * KW + h1) * KW + h) * MW3) >> 46.

Blocks. The text is cut into blocks: a block ends after the code point (or the closing space) at which it holds 8
words or 64 code points. A bucket belongs to the block in which its last code point stands; a word ends when the code
point after it is read, and belongs to the block that this code point stands in.

Windows. A window is up to 4 consecutive blocks, one begins at each block until the last block is reached; a text of up to 4 blocks is one
window. With S the sum of the weights (int8) of a window's buckets and n their number, by words (w) and characters
(c), its logit is `word_scale * S_w / sqrt(n_w) + char_scale * S_c / sqrt(n_c) + bias`, a part without buckets being
0. The logit of the text is that of its worst window.
"""

import numba
import numpy as np

BITS = 18
BLOCK_WORDS = 8
BLOCK_CODES = 64
WINDOW_BLOCKS = 4

K = np.uint64(0x9E3779B97F4A7C15)
KW = np.uint64(0xC2B2AE3D27D4EB4F)
M3 = np.uint64(0xD6E8FEB86659FD93)
M4 = np.uint64(0xA0761D6478BD642F)
M5 = np.uint64(0xE7037ED1A0B428DB)
MW1 = np.uint64(0x8EBC6AF09C88C6E3)
MW2 = np.uint64(0x589965CC75374CC3)
MW3 = np.uint64(0x1D8E4E27C47D124F)
SHIFT = np.uint64(64 - BITS)

SEPARATOR, MARK, LETTER, SINGLE = 0, 1, 2, 3


@numba.njit(cache=True)
def class_of(code):
    if code <= 0x20:
        return SEPARATOR
    if code < 0x80:
        alnum = 0x30 <= code <= 0x39 or 0x41 <= code <= 0x5A or 0x61 <= code <= 0x7A
        return LETTER if alnum or code == 0x5F or code == 0x27 else MARK
    return SINGLE if code >= 0x2E80 or 0x2190 <= code <= 0x2BFF else LETTER


@numba.njit(cache=True)
def extract(codes, words, chars, blocks):
    """Fills `words` and `chars` with buckets in the order of the text and `blocks` with (words, chars) reached at each
    block's end; returns how many of each. `words` and `chars` hold 3 per code point and 6 more, `blocks` one per code
    point and 2 more."""
    n_words = n_chars = n_blocks = 0
    zero, one = np.uint64(0), np.uint64(1)
    space = np.uint64(0x20)
    g1 = g2 = g3 = g4 = zero
    length = 0  # code points of the chunk so far, its opening space included; 0 outside
    h = h1 = h2 = zero
    in_word = False
    seen = 0  # words in the text so far
    block_words = block_codes = 0
    for i in range(len(codes) + 1):
        code = np.uint64(codes[i]) if i < len(codes) else space
        kind = class_of(codes[i]) if i < len(codes) else SEPARATOR
        ends = 0
        if kind != SEPARATOR and length == 0:
            g1, length = space, 1
        if length > 0:
            c = space if kind == SEPARATOR else code
            g5, g4, g3, g2, g1 = g4 * K + c, g3 * K + c, g2 * K + c, g1 * K + c, c
            length += 1
            if length >= 3:
                chars[n_chars] = (g3 * M3) >> SHIFT
                n_chars += 1
            if length >= 4:
                chars[n_chars] = (g4 * M4) >> SHIFT
                n_chars += 1
            if length >= 5:
                chars[n_chars] = (g5 * M5) >> SHIFT
                n_chars += 1
            if kind == SEPARATOR:
                length = 0
        if in_word and kind != LETTER:
            ends = 1
        elif kind == SINGLE:
            ends = 1
        if in_word and kind == SINGLE:
            ends = 2
        for turn in range(ends):
            if not in_word:
                h = (code + one) * K
            h ^= h >> np.uint64(29)
            words[n_words] = (h * MW1) >> SHIFT
            n_words += 1
            if seen >= 1:
                words[n_words] = ((h1 * KW + h) * MW2) >> SHIFT
                n_words += 1
            if seen >= 2:
                words[n_words] = (((h2 * KW + h1) * KW + h) * MW3) >> SHIFT
                n_words += 1
            h2, h1, h = h1, h, zero
            in_word = False
            seen += 1
            block_words += 1
        if kind == LETTER:
            h = (h + code + one) * K
            in_word = True
        block_codes += 1
        if block_words >= BLOCK_WORDS or block_codes >= BLOCK_CODES:
            blocks[n_blocks, 0], blocks[n_blocks, 1] = n_words, n_chars
            n_blocks += 1
            block_words = block_codes = 0
    if block_codes > 0:
        blocks[n_blocks, 0], blocks[n_blocks, 1] = n_words, n_chars
        n_blocks += 1
    return n_words, n_chars, n_blocks


def features(folded: str):
    """Buckets of the words, buckets of the characters, and the blocks' ends in both."""
    codes = np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)
    words = np.empty(3 * len(codes) + 6, np.uint32)
    chars = np.empty(3 * len(codes) + 6, np.uint32)
    blocks = np.empty((len(codes) + 2, 2), np.int64)
    n_words, n_chars, n_blocks = extract(codes, words, chars, blocks)
    return words[:n_words].copy(), chars[:n_chars].copy(), blocks[:n_blocks].copy()


def windows(blocks) -> list[tuple[int, int, int, int]]:
    """(first word, end of words, first char, end of chars) of each window."""
    ends = [(0, 0)] + [tuple(int(x) for x in end) for end in blocks]
    last = max(len(ends) - 1 - WINDOW_BLOCKS, 0)
    out = []
    for first in range(last + 1):
        stop = min(first + WINDOW_BLOCKS, len(ends) - 1)
        out.append((ends[first][0], ends[stop][0], ends[first][1], ends[stop][1]))
    return out
