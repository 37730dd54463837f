"""What the detectors with several labels are trained on and measured on."""

import gzip
import json
import random

import code_corpus
import data
import gibberish

# English of the kind that an assistant is sent, beside the sentences from newspapers: names, typos, code.
ENGLISH = ("alpaca-eval", "alpaca-seed", "user-oriented", "arena-hard", "gpteacher-roleplay")

GREETINGS = """hi|hello|hey|hi there|hey there|hello there|thanks|thank you|thx|thank you so much|ok|okay|ok thanks|k|yes|yes please|yeah|yep|no
no thanks|nope|please|help|help me|test|testing|bye|goodbye|good morning|good evening|good night|how are you|how are you?|what's up|lol|haha
why|why?|what|what?|who|when|where|how|really?|sure|great|nice|cool|perfect|continue|go on|next|stop|more|again|summarize|translate
explain|fix this|fix it|try again|sorry|pls|plz|idk|wow|hmm|done|good|bad|start|one more|tell me more|go ahead|me too|right|wrong""".replace("\n", "|").split("|")


def language(path, seed: int):
    """(text, ISO 639-1 code, source)."""
    out = [(row["text"], row["label"], "lingua") for row in data.rows(path, "langid_train")]
    english = [row["text"] for row in data.rows(path, "injection_train") if row["label"] == 0 and row["source"] in ENGLISH]
    random.Random(seed).shuffle(english)
    out += [(text[:300], "en", "prompts") for text in english[:600]]
    out += [(row["text"], "en", "topic") for row in data.rows(path, "topic_train") if row["source"] in ("banking77", "clinc150")][:600]
    # A word or two leave it open; the model should say so. What people type alone most is English.
    generator = random.Random(seed)
    for text, label, _ in list(out):
        words = text.split()
        start = generator.randrange(len(words))
        out.append((" ".join(words[start : start + generator.choice((1, 1, 2, 3, 4))]), label, "words"))
    out += [(word, "en", "greetings") for word in GREETINGS for _ in range(15)]
    return kept(path, out, {row["text"] for row in data.rows(path, "langid_dev")})


def language_dev(path):
    """The development file, and two sets of another kind: our corpus (chat and documents), and encyclopaedia questions."""
    yield from ((row["text"], row["label"], "lingua") for row in data.rows(path, "langid_dev"))
    for row, source in corpus():
        lang = row["lang"].removesuffix("-Hant")
        if lang.isalpha():  # neither mixed nor romanised
            yield row["text"], lang, source
    yield from ((row["text"], row["lang"], "xquad") for row in data.rows(path, "injection_train") if row["source"] == "xquad")


# Prose for the label `text`: (file, field of the text, rows, sources or None).
PROSE = [
    ("injection_train", 2500, ("alpaca-eval", "alpaca-seed", "user-oriented", "gpteacher-roleplay", "t0-templates", "gsm8k", "xquad")),
    ("langid_train", 1500, None), ("emotion_train", 1200, None), ("topic_train", 500, ("banking77", "clinc150")), ("ner_train", 800, ("wikigold", "wnut17", "btc")),
]  # fmt: skip


def prose(path, seed: int, files=PROSE):
    """Texts without code, some of them several rows long and with the marks of Markdown."""
    generator = random.Random(seed)
    for name, most, sources in files:
        texts = [row["text"] for row in data.rows(path, name) if not row.get("label") or name != "injection_train"
                 if sources is None or row.get("source") in sources]  # fmt: skip
        generator.shuffle(texts)
        for text in texts[:most]:
            if not looks_like_code(text):
                yield marked(text, texts, generator)


def looks_like_code(text: str) -> bool:
    return "```" in text or sum(text.count(mark) for mark in "{};<>=") > 2 + len(text) / 100


def marked(text: str, others: list[str], generator: random.Random) -> str:
    """The text as it is, or as a list, under headings, with emphasis, beside others."""
    kind = generator.random()
    if kind < 0.6:
        return text
    parts = [text, *(other for other in generator.sample(others, 3) if not looks_like_code(other))]
    if kind < 0.7:
        return "\n".join(f"{generator.choice(('-', '*', '•'))} {part}" for part in parts)
    if kind < 0.8:
        return "\n".join(f"{number}. {part}" for number, part in enumerate(parts, 1))
    if kind < 0.9:
        return "\n\n".join(f"## {part[:30]}\n\n**{part[:20]}** {part}" for part in parts)
    return "\n\n".join(parts)


def pieces(path, packages):
    """(piece of code, label, source): the data folder's, cut as well as whole, and those of the packages."""
    generator = random.Random(11)
    for row in data.rows(path, "codelang_train"):
        yield row["text"], row["label"], row["source"]
        for piece in code_corpus.pieces(row["text"], generator, 3):
            yield piece, row["label"], row["source"]
    with gzip.open(packages, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            yield row["text"], row["label"], "packages"
    with open(data.HERE / "code_samples.jsonl", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            yield row["text"], row["label"], "samples"


def code_language(path, seed: int, packages):
    """(text, llm-guard's name of the language or `text`, source)."""
    out = list(pieces(path, packages)) + [(text, "text", "prose") for text in prose(path, seed)]
    return kept(path, out, {row["text"] for row in data.rows(path, "codelang_dev")})


def code_language_dev(path):
    """Whole pieces, the first lines of each that hold 12 of them, and prose of a kind that was not trained on."""
    for row in data.rows(path, "codelang_dev"):
        yield row["text"], row["label"], row["source"]
        yield "".join(row["text"].strip().splitlines(keepends=True)[:12]), row["label"], "12 lines"
    yield from ((text, "text", source) for text, source in prose_dev(path))


def prose_dev(path):
    for row, source in corpus():
        if row["channel"] not in NOT_PROSE and not looks_like_code(row["text"]):
            yield row["text"], source
    yield from ((row["text"], "news") for row in list(data.rows(path, "ner_dev"))[:500])


def graded(texts, generator: random.Random, source: str):
    """Each text as it is, and one in two as gibberish besides."""
    for text in texts:
        yield text, "clean", source
        if generator.random() < 0.35:
            yield gibberish.noise(text, generator), "noise", source
        if generator.random() < 0.25 and len(text.split()) > 4:
            yield gibberish.mild(text, generator), "mild gibberish", source


def gibberish_rows(path, seed: int, packages):
    """(text, llm-guard's grade, source). Code and the like make sense too."""
    generator = random.Random(seed)
    texts = [row["text"] for row in data.rows(path, "langid_train")] + list(prose(path, seed))
    # Short ones too: a few words, a name, a title.
    texts += [" ".join(text.split()[: generator.choice((1, 2, 3, 5))]) for text in generator.sample(texts, 4000)]
    out = list(graded(texts, generator, "sentences"))
    code = [text for text, *_ in pieces(path, packages)]
    out += [(text, "clean", "code") for text in generator.sample(code, 2500)]
    dev = {row["text"] for name in ("langid_dev", "codelang_dev") for row in data.rows(path, name)}
    return kept(path, out, dev)


def gibberish_dev(path):
    """Sentences of the development file, as they are and made gibberish of; gibberish that was typed by hand; and what makes
    sense in our corpus, in answers, in code."""
    generator = random.Random(41)
    yield from graded((row["text"] for row in data.rows(path, "langid_dev")), generator, "generated")
    with open(data.HERE / "gibberish_dev.jsonl", encoding="utf-8") as lines:
        yield from ((row["text"], row["label"], "typed") for row in map(json.loads, lines))
    yield from ((row["text"], "clean", source) for row, source in corpus())
    yield from ((row["text"], "clean", "answers") for row in data.rows(path, "refusal_dev"))
    yield from ((row["text"], "clean", "code") for row in data.rows(path, "codelang_dev"))


def code(path, seed: int, packages):
    """(text, 1 if it holds code, source), for the detector with two answers."""
    generator = random.Random(seed)
    found = [text for text, *_ in pieces(path, packages)]
    calm = list(prose(path, seed)) + list(prose(path, seed + 1))
    out = [(text, 1, "code") for text in found] + [(text, 0, "prose") for text in calm]
    # Code between prose, and as much prose without it.
    for number in range(6000):
        parts = generator.sample(calm, generator.choice((1, 2, 3)))
        if number % 2:
            parts.insert(generator.randrange(len(parts) + 1), generator.choice(found))
        out.append(("\n\n".join(parts), number % 2, "documents"))
    return kept(path, out, {row["text"] for row in data.rows(path, "codelang_dev")})


def code_dev(path):
    """Whole pieces, three lines of each, both between prose; and prose."""
    generator = random.Random(41)
    calm = list(prose_dev(path))
    for row in data.rows(path, "codelang_dev"):
        lines = [line for line in row["text"].splitlines(keepends=True) if line.strip()]
        start = generator.randrange(max(len(lines) - 3, 1))
        few = "".join(lines[start : start + 3])
        between = "\n\n".join((generator.choice(calm)[0], "".join(lines[:8]), generator.choice(calm)[0]))
        yield from ((row["text"], 1, "whole"), (few, 1, "3 lines"), (between, 1, "between prose"))
    yield from ((text, 0, source) for text, source in calm)
    yield from ((row["text"], 0, "answers") for row in data.rows(path, "refusal_dev") if not looks_like_code(row["text"]))
    yield from ((row["text"], 0, "reddit") for row in list(data.rows(path, "emotion_dev"))[:1000])


# Channels of the corpus that carry code, tables or tool results.
NOT_PROSE = ("code", "csv", "tool_result", "tool_description", "terminal", "log")


def corpus():
    """Our corpus, on which nothing here is trained: (row, source)."""
    for file in sorted((data.HERE.parent / "corpus").glob("*.jsonl")):
        with open(file, encoding="utf-8") as lines:
            yield from ((row, f"corpus-{file.stem}") for row in map(json.loads, lines))


def kept(path, rows, dev: set[str]):
    """Without what stands in the development file or in the held-out tests."""
    tests = data.heldout(path)
    return [row for row in rows if row[0] not in dev and not tests.hit(row[0])]


TASKS = {"language": (language, language_dev), "code_language": (code_language, code_language_dev), "gibberish": (gibberish_rows, gibberish_dev)}
