"""Trains the judge of generic secrets (`crates/llm-shield/src/secrets/generic`) and measures it.

    python3 -m venv VENV && VENV/bin/pip install -r requirements.lock     # VENV outside the repository
    VENV/bin/python training/secret_judge.py --cross-validate [--folds FILE]
    VENV/bin/python training/secret_judge.py --write

Features come from the engine itself (`cargo run --example secret_candidates`): there is no second implementation.
Texts: the rows of the credential set (`creddata_dev`, 39 repositories), our own texts (`secret_judge_texts`), and, as
negatives, the candidates in code that is on the machine (Python's standard library and the sources that cargo has
downloaded), which is read here and nowhere kept. The same data, code on the machine and seed give the same file.

`--cross-validate`: each repository is scored by a model that saw none of its rows (ten folds by repository; code on
the machine likewise, by package). A row counts as found when a provider's rule or a candidate above the threshold
stands on its value. Intervals: 95 %, bootstrap over repositories. `--folds FILE` also writes the ten models, with
which `llm-shield eval --task secrets --judge FILE` measures the same end to end in Rust.
`--write`: trains on all and writes the weights; the calibration is that of the held-out scores.
"""

import argparse
import gzip
import hashlib
import json
import pathlib
import struct
import subprocess
import sys
import sysconfig

import lightgbm
import numpy as np

import secret_judge_texts

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
DATA = ROOT.parent / "shared" / "data"
WEIGHTS = ROOT / "crates" / "llm-shield" / "data" / "secret_judge.bin"

SEED = 7
FOLDS = 10
DEPTH = 5
TREES = 120
PARAMETERS = {
    "objective": "binary", "learning_rate": 0.1, "max_depth": DEPTH, "num_leaves": 20, "min_data_in_leaf": 25,
    "feature_fraction": 0.3, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 8.0, "max_bin": 255,
    "min_data_in_bin": 1, "verbosity": -1, "num_threads": 2, "seed": SEED, "deterministic": True, "force_row_wise": True,
}
WEIGHT_OWN = 0.35  # of a candidate in our own texts
WEIGHT_MINED = 0.5  # of a candidate in code on the machine: a few of them are test passwords
MINED_BYTES_MAX = 256 << 10  # of a file
LEAF_SCALE = 1 / 4096
# More likely a secret than not. F1 hardly changes from 0.3 to 0.6, and clean code has fewer findings than at the best F1.
THRESHOLD = 0.5


def credentials(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def mined(folders):
    """Files of code on the machine as rows without a label's place; the group is the package."""
    rows = []
    for folder, depth in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix not in (".py", ".rs", ".md", ".toml", ".json", ".c", ".h", ".txt", ".yml") or not path.is_file():
                continue
            parts = path.relative_to(folder).parts
            if "site-packages" in parts or path.stat().st_size > MINED_BYTES_MAX:
                continue
            try:
                text = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            rows.append({"text": text, "repo": "mined/" + "/".join(parts[:depth]), "label": "F", "category": "mined"})
    return rows


def default_folders():
    registry = pathlib.Path.home() / ".cargo" / "registry" / "src"
    folders = [(pathlib.Path(sysconfig.get_paths()["stdlib"]), 1)]
    return folders + [(index, 1) for index in sorted(registry.glob("*")) if index.is_dir()]


class Candidates:
    """Features and labels of all candidates, and which row each belongs to."""

    def __init__(self, rows, example):
        command = [str(example.resolve())] if example else ["cargo", "run", "--release", "--quiet", "-p", "llm-shield", "--example", "secret_candidates"]
        lines = "".join(json.dumps({key: row[key] for key in ("text", "before", "after", "value_start", "value_end") if key in row}) + "\n" for row in rows)
        out = subprocess.run(command, input=lines.encode(), stdout=subprocess.PIPE, check=True, cwd=ROOT).stdout.decode()
        head, *body = out.splitlines()
        self.names = head.split("\t")[4:]
        self.rule = np.zeros(len(rows), bool)
        self.row, features = [], []
        for line in body:
            row, rule, _, end, *values = line.split("\t")
            self.rule[int(row)] |= rule == "1"
            if end != "0":
                self.row.append(int(row))
                features.append(np.array(values, np.uint8))
        self.row = np.array(self.row)
        self.features = np.array(features, np.uint8)
        self.label = np.array([rows[row]["label"] == "T" for row in self.row])
        self.group = np.array([rows[row]["repo"] for row in self.row])
        weight = {"own": WEIGHT_OWN, "mined": WEIGHT_MINED}
        self.weight = np.array([weight.get(group.split("/")[0], 1.0) for group in self.group])


def folds(rows):
    """A fold for each group, so that credentials are spread evenly; our own texts have none and only train."""
    positives = {}
    for row in rows:
        positives[row["repo"]] = positives.get(row["repo"], 0) + (1 if row["label"] == "T" else 0.1)
    load, fold = [0.0] * FOLDS, {}
    for repo in sorted((repo for repo in positives if not repo.startswith("own/")), key=lambda repo: (-positives[repo], repo)):
        if repo.startswith("mined/"):
            fold[repo] = int(hashlib.sha256(repo.encode()).hexdigest(), 16) % FOLDS
        else:
            fold[repo] = int(np.argmin(load))
            load[fold[repo]] += positives[repo]
    return fold


def train(candidates, chosen):
    data = lightgbm.Dataset(candidates.features[chosen].astype(np.float32), candidates.label[chosen], weight=candidates.weight[chosen])
    return Forest(lightgbm.train(PARAMETERS, data, TREES))


class Forest:
    """The trees as the engine walks them: complete, of one depth, with whole numbers."""

    def __init__(self, booster):
        self.nodes, self.leaves = [], []
        for tree in booster.dump_model()["tree_info"]:
            nodes = [(0, 255)] * (2**DEPTH - 1)
            leaves = [0] * 2**DEPTH
            self.place(tree["tree_structure"], 0, 0, nodes, leaves)
            self.nodes.append(nodes)
            self.leaves.append(leaves)
        self.slope, self.intercept, self.threshold = 1.0, 0.0, 0.5
        self.importance = booster.feature_importance("gain")

    def place(self, node, at, depth, nodes, leaves):
        if "leaf_value" in node:
            span = 2 ** (DEPTH - depth)
            first = (at + 1) * span - 2**DEPTH
            for leaf in range(first, first + span):
                leaves[leaf] = int(np.clip(round(node["leaf_value"] / LEAF_SCALE), -32768, 32767))
            return
        nodes[at] = (node["split_feature"], int(np.floor(node["threshold"])))
        self.place(node["left_child"], 2 * at + 1, depth + 1, nodes, leaves)
        self.place(node["right_child"], 2 * at + 2, depth + 1, nodes, leaves)

    def log_odds(self, features):
        total = np.zeros(len(features), np.int64)
        rows = np.arange(len(features))
        for nodes, leaves in zip(self.nodes, self.leaves):
            pairs, values = np.array(nodes), np.array(leaves)
            at = np.zeros(len(features), np.int64)
            for _ in range(DEPTH):
                at = 2 * at + 1 + (features[rows, pairs[at, 0]] > pairs[at, 1])
            total += values[at - (2**DEPTH - 1)]
        return total * LEAF_SCALE

    def bytes(self, sources):
        out = b"LSJ1" + struct.pack("<3H", self.features, len(self.nodes), len(sources))
        out += struct.pack("<5f", 0.0, LEAF_SCALE, self.slope, self.intercept, self.threshold)
        out += b"".join(struct.pack("<Q", fnv(source)) for source in sources)
        for nodes, leaves in zip(self.nodes, self.leaves):
            out += b"".join(struct.pack("<2B", *node) for node in nodes) + struct.pack(f"<{2**DEPTH}h", *leaves)
        return out


def fnv(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def platt(log_odds, label, weight):
    """Slope and intercept by Newton's method (Platt 1999)."""
    x = np.stack([log_odds, np.ones_like(log_odds)], 1)
    beta = np.array([1.0, 0.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ beta))
        gradient = x.T @ (weight * (p - label))
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x
        beta -= np.linalg.solve(hessian + 1e-9 * np.eye(2), gradient)
    return beta


class Held:
    """Scores of models that did not see the row's group."""

    def __init__(self, rows, candidates, verbose=True):
        self.rows, self.candidates = rows, candidates
        self.fold = folds(rows)
        of = np.array([self.fold.get(group, -1) for group in candidates.group])
        raw = np.full(len(of), np.nan)
        self.forests = []
        for fold in range(FOLDS):
            forest = train(candidates, of != fold)
            raw[of == fold] = forest.log_odds(candidates.features[of == fold])
            self.forests.append(forest)
        scored = of >= 0
        self.slope, self.intercept = platt(raw[scored], candidates.label[scored], candidates.weight[scored])
        self.probability = 1 / (1 + np.exp(-(self.slope * np.nan_to_num(raw, nan=-50.0) + self.intercept)))
        self.known = np.array([not row["repo"].startswith(("own/", "mined/")) for row in rows])
        self.truth = np.array([row["label"] == "T" for row in rows])
        self.repo = np.array([row["repo"] for row in rows])
        self.score = candidates.rule.astype(float)
        np.maximum.at(self.score, candidates.row, self.probability)
        self.threshold = THRESHOLD
        self.best_threshold = self.best(self.known)

    def best(self, rows):
        grid = np.arange(0.1, 0.9, 0.01)
        return float(grid[np.argmax([f1(self.score[rows] > t, self.truth[rows]) for t in grid])])

    def report(self):
        known, found = self.known, self.score > self.threshold
        precision, recall = measures(found[known], self.truth[known])
        repos = np.unique(self.repo[known])
        members = [np.flatnonzero(known & (self.repo == repo)) for repo in repos]
        random = np.random.default_rng(SEED)
        samples = []
        for _ in range(1000):
            rows = np.concatenate([members[i] for i in random.integers(0, len(repos), len(repos))])
            samples.append([*measures(found[rows], self.truth[rows]), f1(found[rows], self.truth[rows])])
        low, high = np.nanpercentile(samples, [2.5, 97.5], axis=0)
        overall = f1(found[known], self.truth[known])
        print(f"held-out repositories: {known.sum()} rows, {self.truth[known].sum()} secrets, {len(repos)} repositories, {FOLDS} folds")
        for name, value, i in [("F1", overall, 2), ("precision", precision, 0), ("recall", recall, 1)]:
            print(f"  {name:10} {value:.3f}  95 % by repository [{low[i]:.3f}, {high[i]:.3f}]")
        print(f"  threshold {self.threshold:.2f}; F1 is highest at {self.best_threshold:.2f}: {f1(self.score[known] > self.best_threshold, self.truth[known]):.3f}; at the best of the other folds {self.nested():.3f}")
        ceiling = np.zeros(len(self.rows), bool)
        ceiling[self.candidates.row] = True
        ceiling |= self.candidates.rule
        print(f"  recall of candidates and provider rules together: {ceiling[known & self.truth].mean():.3f}; of the rules alone {self.candidates.rule[known & self.truth].mean():.3f}")
        low_scores = self.probability[(self.candidates.weight == 1.0)]
        labels = self.candidates.label[self.candidates.weight == 1.0]
        for a, b in [(0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.01)]:
            within = (low_scores >= a) & (low_scores < b)
            if within.any():
                print(f"  calibration {a:.1f}-{min(b, 1):.1f}: n {within.sum():5} mean {low_scores[within].mean():.3f} secrets {labels[within].mean():.3f}")
        mined_rows = np.array([row["category"] == "mined" for row in self.rows])
        if mined_rows.any():
            megabytes = sum(len(row["text"].encode()) for row in self.rows if row["category"] == "mined") / 1e6
            of_mined = np.array([group.startswith("mined/") for group in self.candidates.group])
            over = (self.probability > self.threshold) & of_mined
            for threshold in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
                above = self.score[known] > threshold
                of_code = ((self.probability > threshold) & of_mined).sum() / megabytes
                print(f"  above {threshold:.1f}: F1 {f1(above, self.truth[known]):.3f}, {of_code:.2f} a MB of code on the machine")
            print(f"code on the machine, by held-out package: {megabytes:.1f} MB, {of_mined.sum()} candidates, {over.sum()} found, {over.sum() / megabytes:.2f} a MB")
        print("by category (rows, secrets, found, false):")
        categories = sorted({row["category"] for row in self.rows if row["category"]})
        of = np.array([row["category"] for row in self.rows])
        for name in categories:
            rows = known & (of == name)
            if rows.sum() >= 20:
                print(f"  {name:36} {rows.sum():5} {self.truth[rows].sum():5} {(found & self.truth)[rows].sum():5} {(found & ~self.truth)[rows].sum():5}")

    def nested(self):
        found = self.score > self.threshold
        of = np.array([self.fold.get(repo, -1) for repo in self.repo])
        for fold in range(FOLDS):
            here = self.known & (of == fold)
            found[here] = self.score[here] > self.best(self.known & (of != fold))
        return f1(found[self.known], self.truth[self.known])

    def write_folds(self, path):
        """Magic, number of folds; for each the bytes of its sources (one a line), these, its weights' bytes, these."""
        out = b"LSJF" + struct.pack("<I", FOLDS)
        for fold, forest in enumerate(self.forests):
            repos = [repo for repo, of in sorted(self.fold.items()) if of == fold and not repo.startswith("mined/")]
            seen = [repo for repo, of in sorted(self.fold.items()) if of != fold and not repo.startswith("mined/")]
            self.settle(forest)
            names, weights = "\n".join(repos).encode(), forest.bytes(seen)
            out += struct.pack("<I", len(names)) + names + struct.pack("<I", len(weights)) + weights
        path.write_bytes(out)

    def settle(self, forest):
        forest.features = self.candidates.features.shape[1]
        forest.slope, forest.intercept, forest.threshold = self.slope, self.intercept, self.threshold


def measures(found, truth):
    hits = (found & truth).sum()
    return hits / max(found.sum(), 1), hits / max(truth.sum(), 1)


def f1(found, truth):
    return 2 * (found & truth).sum() / max(found.sum() + truth.sum(), 1)


def load(arguments):
    rows = credentials(arguments.data / "creddata_dev.jsonl.gz")
    own = secret_judge_texts.rows(SEED)
    if (arguments.data / "heldout.py").exists():
        sys.path.insert(0, str(arguments.data))
        from heldout import Heldout  # noqa: PLC0415, it lies beside the data

        held = Heldout()
        own = [row for row in own if not held.hit(row["text"])]
    return rows + own + mined([(folder, 1) for folder in arguments.mine] if arguments.mine is not None else default_folders())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=DATA)
    parser.add_argument("--cross-validate", action="store_true")
    parser.add_argument("--write", action="store_true", help=f"train on all and write {WEIGHTS.relative_to(ROOT)}")
    parser.add_argument("--folds", type=pathlib.Path, help="where to write the models of the folds")
    parser.add_argument("--mine", type=pathlib.Path, nargs="*", help="folders of code for negatives instead of the machine's")
    parser.add_argument("--example", type=pathlib.Path, help="the built example secret_candidates, instead of cargo")
    arguments = parser.parse_args()
    if not (arguments.cross_validate or arguments.write):
        parser.error("say --cross-validate or --write")
    rows = load(arguments)
    candidates = Candidates(rows, arguments.example)
    held = Held(rows, candidates)
    held.report()
    if arguments.folds:
        held.write_folds(arguments.folds)
    if arguments.write:
        forest = train(candidates, np.ones(len(candidates.label), bool))
        held.settle(forest)
        sources = sorted({row["repo"] for row in rows if not row["repo"].startswith(("own/", "mined/"))})
        weights = forest.bytes(sources)
        WEIGHTS.write_bytes(weights)
        print(f"{WEIGHTS.relative_to(ROOT)}: {len(weights)} bytes, {len(forest.nodes)} trees")
        order = np.argsort(-forest.importance)[:25]
        print("weightiest features: " + ", ".join(candidates.names[i] for i in order))


if __name__ == "__main__":
    main()
