"""Writes the table of the folded view: which code point reads as what.

    python3 make_fold_table.py            # rewrites crates/llm-shield/data/fold.tsv

The Rust crate and `fold.py` read the same file, so both fold alike whatever Unicode version either was built with.
Sources: `unicodedata` (compatibility decompositions, case folding, general categories) and the confusables below,
chosen by us for letters that a reader takes for ASCII ones.

A line is `FIRST COUNT KIND REPLACEMENT`, separated by tabs; code points are hexadecimal, COUNT is decimal:
  `=`  each of the code points reads as REPLACEMENT (hexadecimal code points separated by spaces; may be empty)
  `+`  the n-th of them reads as the code point REPLACEMENT + n
Code points that are not listed stay as they are. A replacement is never replaced again.
"""

import pathlib
import sys
import unicodedata

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE.parent / "crates" / "llm-shield" / "data" / "fold.tsv"

# Letters that read as ASCII. Upper and lower case of a letter read alike, so a word folds alike in any case.
LOOK_ALIKES = {
    # Cyrillic
    "а": "a", "в": "b", "е": "e", "к": "k", "м": "m", "н": "h", "о": "o", "р": "p", "с": "c", "т": "t",
    "у": "y", "х": "x", "ѕ": "s", "і": "i", "ј": "j", "һ": "h", "ԁ": "d", "ԛ": "q", "ԝ": "w", "ѵ": "v",
    "ӏ": "l", "ү": "y", "ұ": "y", "ѡ": "w", "ґ": "г", "ɡ": "g", "ҫ": "c", "ԍ": "g", "ꙇ": "i", "ғ": "f",
    # Greek
    "α": "a", "β": "b", "γ": "y", "ε": "e", "ζ": "z", "η": "n", "ι": "i", "κ": "k", "ν": "v", "ο": "o",
    "ρ": "p", "τ": "t", "υ": "u", "χ": "x", "ω": "w", "σ": "o", "ς": "c", "ϲ": "c", "ϳ": "j",
    # Armenian and Georgian
    "օ": "o", "ո": "n", "ս": "u", "հ": "h", "ց": "g", "զ": "q", "յ": "j", "ք": "p", "ѳ": "o", "ე": "e",
    # Latin that does not decompose
    "ı": "i", "ø": "o", "đ": "d", "ħ": "h", "ł": "l", "ŧ": "t", "æ": "ae", "œ": "oe", "ß": "ss", "þ": "th",
    "ð": "d", "ƒ": "f", "ɑ": "a", "ɩ": "i", "ɪ": "i", "ʏ": "y", "ɴ": "n", "ʀ": "r", "ɢ": "g", "ʙ": "b",
    "ʜ": "h", "ʟ": "l", "ᴀ": "a", "ᴄ": "c", "ᴅ": "d", "ᴇ": "e", "ᴊ": "j", "ᴋ": "k", "ᴍ": "m", "ᴏ": "o",
    "ᴘ": "p", "ᴛ": "t", "ᴜ": "u", "ᴠ": "v", "ᴡ": "w", "ᴢ": "z", "ꜱ": "s", "ꜰ": "f", "ɛ": "e", "ɔ": "o",
    "ƅ": "b", "ɓ": "b", "ɗ": "d", "ɖ": "d", "ɠ": "g", "ɦ": "h", "ɨ": "i", "ʝ": "j", "ƙ": "k", "ɫ": "l",
    "ɱ": "m", "ŋ": "n", "ɲ": "n", "ɵ": "o", "ƥ": "p", "ʠ": "q", "ɽ": "r", "ʂ": "s", "ƭ": "t", "ʈ": "t",
    "ʉ": "u", "ʋ": "v", "ɯ": "w", "ƴ": "y", "ƶ": "z", "ʐ": "z", "ɐ": "a", "ǝ": "e", "ə": "e", "ɥ": "h",
    "ʞ": "k", "ɹ": "r", "ʇ": "t", "ʌ": "v", "ʍ": "w", "ʎ": "y", "ƨ": "s", "ƽ": "s", "ɾ": "r", "ǃ": "!",
    # Cherokee capitals and Lisu letters that are drawn as Latin capitals
    "Ꭰ": "d", "Ꭱ": "r", "Ꭲ": "t", "Ꭵ": "i", "Ꭺ": "a", "Ꭻ": "j", "Ꭼ": "e", "Ꮃ": "w", "Ꮇ": "m", "Ꮋ": "h",
    "Ꮐ": "g", "Ꮓ": "z", "Ꮖ": "i", "Ꮢ": "r", "Ꮤ": "w", "Ꮥ": "s", "Ꮩ": "v", "Ꮪ": "s", "Ꮮ": "l", "Ꮯ": "c",
    "Ꮲ": "p", "Ꮶ": "k", "Ᏼ": "b", "ꓐ": "b", "ꓑ": "p", "ꓓ": "d", "ꓔ": "t", "ꓖ": "g", "ꓗ": "k", "ꓙ": "j",
    "ꓚ": "c", "ꓜ": "z", "ꓝ": "f", "ꓟ": "m", "ꓠ": "n", "ꓡ": "l", "ꓢ": "s", "ꓣ": "r", "ꓦ": "v", "ꓧ": "h",
    "ꓪ": "w", "ꓫ": "x", "ꓬ": "y", "ꓮ": "a", "ꓰ": "e", "ꓲ": "i", "ꓳ": "o", "ꓴ": "u",
    # Punctuation
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "‘": "'", "’": "'", "‚": "'",
    "‛": "'", "′": "'", "ʼ": "'", "ʹ": "'", "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"', "«": '"',
    "»": '"', "‹": "<", "›": ">", "⁄": "/", "∕": "/", "∖": "\\", "∗": "*", "•": "*", "·": "*", "∙": "*",
    "。": ".", "、": ",", "،": ",", "؛": ";", "؟": "?", "।": ".", "「": '"', "」": '"', "『": '"', "』": '"',
    "【": "[", "】": "]", "〔": "[", "〕": "]", "《": '"', "》": '"', "〈": "<", "〉": ">", "∶": ":", "ː": ":",
    "¦": "|", "ǀ": "|", "∣": "|",
}  # fmt: skip

INVISIBLE = [
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A),
    (0xE0000, 0xE001F), (0xE007F, 0xE007F), (0xE0100, 0xE01EF),
]  # fmt: skip

# Marks that change nothing about which letter is read. Vowel signs of Indic scripts and kana voicing stay.
MARKS = [
    (0x0300, 0x036F), (0x0483, 0x0489), (0x0591, 0x05BD), (0x05BF, 0x05BF), (0x05C1, 0x05C2), (0x05C4, 0x05C5),
    (0x064B, 0x065F), (0x0670, 0x0670), (0x1AB0, 0x1ACE), (0x1DC0, 0x1DFF), (0x20D0, 0x20F0), (0xFE20, 0xFE2F),
]  # fmt: skip


def within(code: int, ranges: list[tuple[int, int]]) -> bool:
    return any(first <= code <= last for first, last in ranges)


def reads_as(character: str) -> str:
    code = ord(character)
    if within(code, INVISIBLE) or within(code, MARKS):
        return ""
    if 0xE0020 <= code <= 0xE007E:  # tag characters: ASCII in disguise
        return chr(code - 0xE0000).lower()
    if 0x1F1E6 <= code <= 0x1F1FF:  # regional indicators
        return chr(code - 0x1F1E6 + ord("a"))
    if 0x1F130 <= code <= 0x1F149 or 0x1F150 <= code <= 0x1F169 or 0x1F170 <= code <= 0x1F189:
        return chr((code - 0x1F130) % 32 + ord("a"))  # squared and circled capitals
    if character in "\u0085\u2028\u2029" or unicodedata.category(character) == "Zs":
        return " "
    text = character
    for _ in range(4):  # to a fixed point: a decomposition may have case, a lower case may decompose
        before = text
        text = unicodedata.normalize("NFKD", LOOK_ALIKES.get(text, text)).lower()
        text = "".join(LOOK_ALIKES.get(c, c) for c in text if not within(ord(c), MARKS + INVISIBLE))
        text = "".join(" " if unicodedata.category(c) == "Zs" else c for c in text)
        if text == before:
            break
    return unicodedata.normalize("NFC", text)


def lines(table: dict[int, str]):
    codes = sorted(table)
    at = 0
    while at < len(codes):
        first, replacement = codes[at], table[codes[at]]
        same = step = 1
        while at + same < len(codes) and codes[at + same] == first + same and table[first + same] == replacement:
            same += 1
        while (len(replacement) == 1 and at + step < len(codes) and codes[at + step] == first + step
               and table[first + step] == chr(ord(replacement) + step)):  # fmt: skip
            step += 1
        count, kind = (step, "+") if step > same else (same, "=")
        yield f"{first:x}\t{count}\t{kind}\t{' '.join(f'{ord(c):x}' for c in replacement)}\n"
        at += count


def main() -> None:
    table = {}
    for code in range(0x80, 0x110000):
        if not 0xD800 <= code <= 0xDFFF:
            replacement = reads_as(chr(code))
            if replacement != chr(code):
                table[code] = replacement
    table.update({code: chr(code + 32) for code in range(ord("A"), ord("Z") + 1)})
    for code, replacement in table.items():
        if any(ord(c) in table for c in replacement):
            sys.exit(f"U+{code:04X} folds to {replacement!r}, which folds again")
    OUT.write_text("".join(lines(table)), encoding="ascii")
    print(f"{OUT}: {len(table)} code points, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
