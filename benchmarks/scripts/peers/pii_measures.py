"""Scores ours and Presidio on rows {"text", "entities": [{"start", "end", "kind"}]}, in bytes."""

import json
import statistics
from collections import Counter

from . import corpus, installed
from .report import figure
from .running import Failed, run
from .scoring import by_group_with_intervals, ratios, score_spans
from .secret_tools import HERE, ROOT, file_batches, json_lines

# Tool -> which of Presidio's recognisers and pipeline it is; None is ours.
TOOLS = {
    "llm-shield": None,
    "presidio": ("default", "names"),
    "presidio-all": ("all", "names"),
    "presidio-patterns": ("all", "patterns"),
}
NOTES = {
    "llm-shield": "the `Sensitive` scanner",
    "presidio": "its default recognisers, spaCy's small English model for names",
    "presidio-all": "all its pattern recognisers, asked for English, and the names",
    "presidio-patterns": "all its pattern recognisers, without the name finder",
}


def read_rows(path, limit):
    """Rows [(text, [(start, end, kind)])]; an error names the line and what is wrong."""
    rows = []
    for number, row in enumerate(corpus.read_rows(path), 1):
        try:
            size = len(row["text"].encode())
            spans = [(span["start"], span["end"], span["kind"]) for span in row["entities"]]
        except (KeyError, TypeError, AttributeError) as error:
            raise Failed(f"{path}, row {number}: needs `text` and `entities` of `start`, `end`, `kind`: {error}") from None
        for start, end, kind in spans:
            if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= size):
                raise Failed(f"{path}, row {number}: span {start}..{end} of {kind} is not inside its {size} bytes")
        rows.append((row["text"], spans))
    if not rows:
        raise Failed(f"{path}: no rows")
    return rows[:limit] if limit else rows


def generate(count, seed, context):
    """Rows from the project's own generator, which draws valid values and near-misses of all kinds."""
    generator, rows = ROOT / "training" / "pii_rows.py", context.scratch / "rows.jsonl"
    if not generator.is_file():
        raise Failed(f"{generator} is not there: name a file of rows with --rows")
    run([installed.python("rows", context.home), generator, "--rows", count, "--seed", seed], context.scratch, rows,
        context.timeout_s, codes=(0,))
    return rows


def kinds_of(rows):
    return sorted({kind for _, spans in rows for _, _, kind in spans})


def found_by(tool, rows, threshold, context):
    """(kinds that the tool knows, spans with scores a row, microseconds a row, version)."""
    if TOOLS[tool] is None:
        return ours(rows, threshold, context)
    out, texts = context.scratch / f"{tool}.out", context.scratch / "texts.jsonl"
    texts.write_text("".join(json.dumps({"text": text}) + "\n" for text, _ in rows), encoding="utf-8")
    python = installed.python("presidio", context.home)
    command = [python, HERE / "inside_presidio.py", *TOOLS[tool], json.dumps(kinds_of(rows)), texts]
    run(command, context.scratch, out, context.timeout_s, context.core)
    lines = list(json_lines(out))
    if len(lines) != len(rows) + 1:
        raise Failed(f"{len(lines) - 1} answers to {len(rows)} texts")
    spans = [[tuple(span) for span in line["spans"]] for line in lines[1:]]
    return lines[0]["kinds"], spans, [line["us"] for line in lines[1:]], lines[0]["version"]


def ours(rows, threshold, context):
    kinds = kinds_of(rows)
    folder = context.scratch / "rows"
    paths = corpus.write_folder(folder, [("row.txt", text.encode()) for text, _ in rows])
    policy = context.scratch / "sensitive.yml"
    policy.write_text(
        "input_scanners: []\noutput_scanners:\n  - type: Sensitive\n    params:\n"
        f"      threshold: {threshold}\n      entity_types: {json.dumps(kinds)}\n"
    )
    out, reports = context.scratch / "ours.out", {}
    for batch in file_batches(folder):
        command = [context.ours, "scan", "--output", "--json", "--config", policy, *batch]
        run(command, folder, out, context.timeout_s, context.core)
        reports.update({report["name"]: report["scanners"][0] for report in json_lines(out)})
    spans, took = [], []
    for path in paths:
        scanner = reports[path]
        found = [(finding["span"], finding["rule"], finding["score"]) for finding in scanner["findings"]]
        spans.append([(span["start"], span["end"], kind, score) for span, kind, score in found])
        took.append(scanner["elapsed_ns"] / 1e3)
    return kinds, spans, took, None


def score(rows, found, kinds, threshold, resamples=200):
    """Figures over the wanted spans of `kinds`; a row is drawn again as a whole for the intervals."""
    judged, wrong = [], 0
    for index, ((_, wanted), spans) in enumerate(zip(rows, found)):
        wanted = [span for span in wanted if span[2] in kinds]
        spans = [span[:3] for span in spans if span[3] >= threshold and span[2] in kinds]
        hit, false, missed, mistaken = score_spans(wanted, spans)
        wrong += mistaken
        judged += [(index, True, True)] * hit + [(index, False, True)] * false + [(index, True, False)] * missed
    # Rows without any span or finding say nothing of precision or recall, but are drawn all the same.
    judged += [(index, False, False) for index in range(len(rows))]
    counts, shares = by_group_with_intervals(judged, resamples)
    return counts, shares, wrong


def by_kind(rows, found, threshold):
    """Precision, recall and counts a kind."""
    counts = {}
    for (_, wanted), spans in zip(rows, found):
        spans = [span[:3] for span in spans if span[3] >= threshold]
        for kind in {span[2] for span in wanted} | {span[2] for span in spans}:
            part = score_spans([s for s in wanted if s[2] == kind], [s for s in spans if s[2] == kind])
            counts.setdefault(kind, Counter()).update(dict(zip(("hit", "false", "missed"), part[:3])))
    return {kind: (ratios(c["hit"], c["false"], c["missed"]), c) for kind, c in sorted(counts.items())}


def measure(tool, rows, threshold, shared, context):
    """The figures of a tool. `shared` are the kinds that all tools so far know; what this one lacks is taken out."""
    known, found, took, version = found_by(tool, rows, threshold, context)
    shared.intersection_update(known)
    figures = {}
    for name, kinds in (("", set(kinds_of(rows))), ("known_", set(known)), ("shared_", shared)):
        counts, shares, wrong = score(rows, found, kinds, threshold)
        for metric, share in shares.items():
            figures[name + metric] = figure(share["value"], "ratio", share["low"], share["high"], len(rows))
        figures.update({f"{name}{metric}": figure(value, "spans", of=len(rows)) for metric, value in counts.items()})
        figures[f"{name}wrong_kind"] = figure(wrong, "spans")
    # Whether the place is found, whatever it is called: enough for a redaction.
    nameless = [(text, [(start, end, "") for start, end, _ in wanted]) for text, wanted in rows]
    placed = [[(start, end, "", sure) for start, end, _, sure in spans] for spans in found]
    for metric, share in score(nameless, placed, {""}, threshold)[1].items():
        figures[f"place_{metric}"] = figure(share["value"], "ratio", share["low"], share["high"], len(rows))
    if TOOLS[tool] is not None:
        # The peer at whatever threshold suits it best on these very rows: more than a user of it could know.
        best = max((score(rows, found, set(known), cut / 20, 0)[1]["f1"]["value"] or 0.0, cut / 20) for cut in range(20))
        figures["best_known_f1"] = figure(best[0], "ratio", of=len(rows))
        figures["best_threshold"] = figure(best[1], "score")
    figures["us_a_text"] = figure(statistics.median(took), "µs", of=len(took))
    figures["us_mean"] = figure(statistics.fmean(took), "µs", of=len(took))
    figures["kinds_known"] = figure(len(known), "kinds", of=len(kinds_of(rows)))
    for kind, (shares, counts) in by_kind(rows, found, threshold).items():
        wanted = counts["hit"] + counts["missed"]
        figures[f"recall_{kind}"] = figure(shares["recall"], "ratio", of=wanted)
        figures[f"precision_{kind}"] = figure(shares["precision"], "ratio", of=counts["hit"] + counts["false"])
    return version, {"figures": figures}
