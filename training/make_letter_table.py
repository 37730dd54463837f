"""Writes the table by which the engine tells language from what only looks like letters.

    python3 make_letter_table.py            # rewrites letters.bin and letter_pairs.bin in crates/llm-shield/data

The decoders (`crates/llm-shield/src/text/decode`) ask of each word whether it is likelier as it stands or with its
letters moved back. The table holds, for each three of 27 symbols (a space, a to z), how rarely the third follows the
other two: 8 times the negative natural logarithm, one byte each, index `(first * 27 + second) * 27 + third`. Letters
with marks count as the letters without; what is no letter counts as a space. The second file holds the same of two
symbols, by `first * 32 + second`, for a quick look.

Source: the texts of `corpus/`, all languages that are written in Latin letters, so that none of them looks like a
cipher. English makes up half of the weight, the other languages share the rest by the square root of their length.
"""

import collections
import json
import math
import pathlib
import unicodedata

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE.parent / "crates" / "llm-shield" / "data" / "letters.bin"
PAIRS_OUT = OUT.with_name("letter_pairs.bin")
OTHER_SCRIPTS = {"ar", "bn", "el", "fa", "he", "hi", "ja", "ko", "ru", "th", "uk", "zh", "zh-Hant"}
NOT_DECOMPOSED = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ı": "i", "ß": "s", "æ": "a", "œ": "o"})
# Additive smoothing towards the pair, in occurrences.
PRIOR = 2.0


def symbols(text: str) -> list[int]:
    """0 for every run of what is no Latin letter, 1 to 26 for the letters."""
    plain = unicodedata.normalize("NFD", text.lower()).translate(NOT_DECOMPOSED)
    out = [0]
    for character in plain:
        if unicodedata.combining(character):
            continue
        symbol = ord(character) - 96 if "a" <= character <= "z" else 0
        if symbol or out[-1]:
            out.append(symbol)
    if out[-1]:
        out.append(0)
    return out


def main() -> None:
    counts: dict[str, collections.Counter] = collections.defaultdict(collections.Counter)
    for path in sorted((HERE.parent / "corpus").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["lang"] in OTHER_SCRIPTS or "encod" in (row.get("technique") or ""):
                continue
            trigrams = symbols(row["text"])
            # Twice the boundary before a word, so that its first letter has a place of its own.
            for at in range(1, len(trigrams)):
                before = trigrams[at - 2] if at >= 2 and trigrams[at - 1] else 0
                counts[row["lang"]][before, trigrams[at - 1], trigrams[at]] += 1
    totals = {lang: sum(counter.values()) for lang, counter in counts.items()}
    others = sum(math.sqrt(total) for lang, total in totals.items() if lang != "en")
    mixed: collections.Counter = collections.Counter()
    for lang, counter in counts.items():
        share = 0.5 if lang == "en" else 0.5 * math.sqrt(totals[lang]) / others
        for trigram, count in counter.items():
            mixed[trigram] += 1e6 * share * count / totals[lang]
    pairs: collections.Counter = collections.Counter()
    singles: collections.Counter = collections.Counter()
    for (first, second, third), count in mixed.items():
        pairs[second, third] += count
        singles[third] += count
    every = sum(singles.values())
    table = bytearray()
    for first in range(27):
        for second in range(27):
            row = [mixed[first, second, third] for third in range(27)]
            after_second = sum(pairs[second, third] for third in range(27))
            for third in range(27):
                alone = (singles[third] + 1) / (every + 27)
                in_pair = (pairs[second, third] + 20 * alone) / (after_second + 20)
                chance = (row[third] + 10 * PRIOR * in_pair) / (sum(row) + 10 * PRIOR)
                table.append(min(255, max(0, round(-8 * math.log(chance)))))
    OUT.write_bytes(table)
    quick = bytearray(1024)
    for second in range(32):
        for third in range(32):
            row = sum(pairs[second, after] for after in range(27))
            # What is no letter tells nothing: the mean.
            cost = -8 * math.log((pairs[second, third] + 20) / (row + 540)) if max(second, third) < 27 else 18
            quick[second * 32 + third] = min(255, round(cost)) if (second, third) != (0, 0) else 18
    PAIRS_OUT.write_bytes(quick)
    print(f"{OUT}: {len(table)} bytes, {len(counts)} languages")


if __name__ == "__main__":
    main()
