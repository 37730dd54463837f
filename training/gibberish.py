"""Gibberish made from sense: keys struck at random, letters that form no words, words with their letters mixed up."""

import random
import re

ROWS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"]
VOWELS, CONSONANTS = "aeiou", "bcdfghjklmnpqrstvwxz"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
LENGTHS = (2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 11, 14)


def noise(text: str, generator: random.Random) -> str:
    """Noise about as long as `text`."""
    kind = generator.choice((struck, struck, drawn, drawn, consonants, syllables, scrambled))
    if kind is scrambled:
        return dressed(scrambled(text, 1.0, generator), generator)
    words, most = [], max(6, min(len(text), 300))
    while sum(map(len, words)) < most:
        words.append(kind(generator))
    return dressed(" ".join(words), generator)


def struck(generator: random.Random) -> str:
    """A hand that falls on keys near each other, now and then the other hand."""
    row, out = generator.randrange(3), []
    place = generator.randrange(len(ROWS[row]))
    for _ in range(generator.choice((4, 5, 6, 7, 8, 10, 14, 20))):
        out.append(ROWS[row][place % len(ROWS[row])])
        place += generator.choice((-2, -1, 1, 1, 2, 3))
        if generator.random() < 0.2:
            row = min(2, max(0, row + generator.choice((-1, 1))))
        if generator.random() < 0.2:
            place = len(ROWS[row]) - place
    return "".join(out)


def drawn(generator: random.Random) -> str:
    return "".join(generator.choice(LETTERS) for _ in range(generator.choice(LENGTHS)))


def consonants(generator: random.Random) -> str:
    return "".join(generator.choice(CONSONANTS if generator.random() < 0.88 else VOWELS) for _ in range(generator.choice(LENGTHS)))


def syllables(generator: random.Random) -> str:
    """A word that could be said, of no language."""
    shapes = ("cv", "cvc", "vc", "ccv", "cvv", "ccvc")
    shape = "".join(generator.choice(shapes) for _ in range(generator.choice((1, 2, 2, 3, 3, 4))))
    return "".join(generator.choice(VOWELS if letter == "v" else CONSONANTS) for letter in shape)


def scrambled(text: str, share: float, generator: random.Random) -> str:
    """The letters of a share of the words in another order."""

    def scramble(match: re.Match) -> str:
        word = list(match.group().lower())
        if generator.random() >= share or len(word) < 3:
            return match.group()
        generator.shuffle(word)
        return "".join(word)

    return re.sub(r"[^\W\d_]+", scramble, text)


def struck_between(text: str, share: float, generator: random.Random) -> str:
    """A share of the words replaced by noise."""
    return re.sub(r"[^\W\d_]+", lambda match: drawn(generator) if generator.random() < share else match.group(), text)


def mild(text: str, generator: random.Random) -> str:
    """Sense that noise runs through."""
    kind = generator.choice((scrambled, struck_between))
    return kind(text, generator.uniform(0.25, 0.6), generator)


def dressed(text: str, generator: random.Random) -> str:
    """In the case, and with the punctuation, of people."""
    kind = generator.random()
    if kind < 0.25:
        text = text.capitalize() + generator.choice((".", "!", "?", ""))
    elif kind < 0.35:
        text = text.upper()
    elif kind < 0.5:
        text = text.replace(" ", generator.choice((";", ", ", ".", "  ", "\n")))
    return text
