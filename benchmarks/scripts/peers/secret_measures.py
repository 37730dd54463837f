"""What is measured of a secret scanner: each measure is prepared once and then run over tool after tool."""

import json
import random
import statistics
from collections import Counter

from . import corpus, installed, planting
from .report import figure
from .running import Failed, run
from .scoring import by_group_with_intervals, median_and_range, stands_on
from .secret_tools import HERE, ours_policy, scan

MB = 1e6
# Parts that the mixed corpus is dealt into; a slow tool repeats its timing on one of them.
PARTS = 10
# A tool that needs more CPU than this for a corpus is timed on one part of it, or not again.
SLOW_S = 30.0
TEXT_BYTES = (60, 1_000, 100_000)
TEXTS = {60: 400, 1_000: 200, 100_000: 12}


class Creddata:
    """Labelled lines of CredData: a row counts as found when a finding stands on its value."""

    name = "creddata"

    def __init__(self, path, folder, limit):
        rows = corpus.read_rows(path)
        if limit and limit < len(rows):
            rows = random.Random(1).sample(rows, limit)
        files = [corpus.credential_file(row) for row in rows]
        self.folder = folder
        self.paths = corpus.write_folder(folder, [file[:2] for file in files])
        self.rows = [(row["repo"], row["label"], *file[2:]) for row, file in zip(rows, files)]
        self.about = {"rows": len(rows), "positives": sum(row["label"] == "T" for row in rows)}

    def measure(self, tool, context):
        scanned = scan(tool, context, self.folder)
        judged = [
            (repository, label, stands_on(scanned.findings.get(path, ()), start, end))
            for path, (repository, label, start, end) in zip(self.paths, self.rows)
        ]
        counts, ratios = by_group_with_intervals([(group, label == "T", found) for group, label, found in judged])
        figures = {
            name: figure(ratio["value"], "ratio", ratio["low"], ratio["high"], len(judged)) for name, ratio in ratios.items()
        }
        figures.update({name: figure(value, "rows", of=len(judged)) for name, value in counts.items()})
        for label in "FX":
            of = sum(other == label for _, other, _ in judged)
            figures[f"found_{label}"] = figure(sum(found for _, other, found in judged if other == label), "rows", of=of)
        figures["cpu_s"] = figure(scanned.cpu_s, "s", of=len(judged))
        return {"figures": figures}


class Examples:
    """The rules' own published examples: each a file; any finding in it counts."""

    name = "examples"

    def __init__(self, path, folder, limit):
        rows = corpus.read_rows(path)
        # What is a near miss of one rule may be another rule's valid example, which is right to find.
        known = {text.strip() for row in rows for text in row["examples"]}
        self.examples = [(row["source"], True, text) for row in rows for text in row["examples"]]
        misses = [(row["source"], False, text) for row in rows for text in row["negative_examples"]]
        self.examples += [miss for miss in misses if miss[2].strip() not in known]
        if limit and limit < len(self.examples):
            self.examples = random.Random(2).sample(self.examples, limit)
        self.folder = folder
        # A name that says nothing: some tools pass over what is called an example.
        self.paths = corpus.write_folder(folder, [("notes.txt", text.encode()) for _, _, text in self.examples])
        valid = sum(valid for _, valid, _ in self.examples)
        contested = sum(miss[2].strip() in known for miss in misses)
        self.about = {"valid": valid, "invalid": len(self.examples) - valid, "contested": contested}

    def measure(self, tool, context):
        scanned = scan(tool, context, self.folder)
        found, total = Counter(), Counter()
        for path, (source, valid, _) in zip(self.paths, self.examples):
            for key in (valid, (source, valid)):
                total[key] += 1
                found[key] += bool(scanned.findings.get(path))
        figures = {}
        for name, key in (("valid_found", True), ("invalid_found", False)):
            figures[name] = figure(found[key] / total[key] if total[key] else None, "ratio", of=total[key])
            for source in sorted({example[0] for example in self.examples}):
                if total[source, key]:
                    of = total[source, key]
                    figures[f"{name}_{source}"] = figure(found[source, key] / of, "ratio", of=of)
        return {"figures": figures}


class Mixed:
    """Prose and code with planted tokens: speed, and in the same texts what is found."""

    name = "mixed"

    def __init__(self, prose, code, folder, seed, repeats):
        files = prose + code
        kinds = ["prose"] * len(prose) + ["code"] * len(code)
        draw = random.Random(seed)
        # As many tokens as there is room for: at most one in four files.
        most = max(1, len(files) // 4)
        per_provider = max(1, min(8, most * 4 // 5 // len(planting.PROVIDERS)))
        files, self.plants = planting.plant(files, kinds, draw, per_provider, min(100, most // 5))
        order = list(range(len(files)))
        draw.shuffle(order)
        self.folder, self.repeats = folder, repeats
        self.paths = dict(zip(order, corpus.write_folder(folder, [files[index] for index in order], PARTS)))
        self.bytes = sum(len(data) for _, data in files)
        part = f"part{0}/"
        self.part_bytes = sum(len(files[index][1]) for index, path in self.paths.items() if path.startswith(part))
        self.about = {
            "bytes": self.bytes, "files": len(files), "planted": sum(map(len, self.plants.values())), "seed": seed,
            "sha256": corpus.digest_of(files),
        }

    def measure(self, tool, context):
        full = scan(tool, context, self.folder)
        figures = self.recall(full.findings)
        slow = full.cpu_s > SLOW_S
        folder, size = (self.folder / "part0", self.part_bytes) if slow else (self.folder, self.bytes)
        runs = [scan(tool, context, folder, timing=True) for _ in range(self.repeats)]
        speed = median_and_range([size / MB / run.cpu_s for run in runs])
        wall = median_and_range([size / MB / run.wall_s for run in runs])
        figures["mb_per_cpu_s"] = figure(speed["value"], "MB/s", speed["low"], speed["high"], len(runs))
        figures["mb_per_wall_s"] = figure(wall["value"], "MB/s", wall["low"], wall["high"], len(runs))
        figures["timed_mb"] = figure(size / MB, "MB")
        figures["rss_mb"] = figure(max(run.rss_mb for run in runs), "MB")
        return {"figures": figures}

    def recall(self, findings):
        found, total, missed, on_plants = Counter(), Counter(), Counter(), 0
        for index, plants in self.plants.items():
            spans = findings.get(self.paths[index], ())
            for start, end, kind, name in plants:
                hit = stands_on(spans, start, end)
                total[kind] += 1
                found[kind] += hit
                missed[name] += not hit and kind == "provider"
                on_plants += sum(stands_on([span], start, end) for span in spans)
        figures = {
            f"recall_{kind}": figure(found[kind] / total[kind] if total[kind] else None, "ratio", of=total[kind])
            for kind in ("provider", "generic")
        }
        elsewhere = sum(map(len, findings.values())) - on_plants
        figures["elsewhere_per_mb"] = figure(elsewhere / (self.bytes / MB), "findings/MB", of=elsewhere)
        for name, count in sorted(missed.items()):
            if count:
                figures[f"missed_{name}"] = figure(count, "tokens")
        return figures


class Clean:
    """Text from packages, with nothing planted: whatever is found is taken as false."""

    def __init__(self, name, files, folder, repeats):
        self.name, self.folder, self.repeats = name, folder, repeats
        self.files = dict(zip(corpus.write_folder(folder, files), files))
        self.bytes = sum(len(data) for _, data in files)
        self.about = {"bytes": self.bytes, "files": len(files), "sha256": corpus.digest_of(files)}

    def measure(self, tool, context):
        scanned = scan(tool, context, self.folder)
        count = sum(map(len, scanned.findings.values()))
        figures = {"findings_per_mb": figure(count / (self.bytes / MB), "findings/MB", of=count)}
        repeats = self.repeats if scanned.cpu_s < SLOW_S else 0
        speeds = [self.bytes / MB / scan(tool, context, self.folder, timing=True).cpu_s for _ in range(repeats)]
        speed = median_and_range(speeds or [self.bytes / MB / scanned.cpu_s])
        figures["mb_per_cpu_s"] = figure(speed["value"], "MB/s", speed["low"], speed["high"], repeats or 1)
        if tool.name == "llm-shield":
            self.show(scanned.findings)
        return {"figures": figures}

    def show(self, findings, most=12):
        """A few of our findings, masked, for the reader at the terminal; they go into no file."""
        flat = [(path, *span) for path, spans in findings.items() for span in spans]
        for path, start, end, rule in random.Random(3).sample(flat, min(most, len(flat))):
            value = self.files[path][1][start:end].decode("utf-8", "replace")
            print(f"      {rule}: {value[:4]!r}… ({end - start} bytes) in {path}")


class Start:
    """What it costs to start: one file of a few words."""

    name = "start"

    def __init__(self, folder, repeats):
        self.folder, self.repeats = folder, repeats
        corpus.write_folder(folder, [("note.txt", b"Nothing to see here.\n")])
        self.about = {"bytes": 21}

    def measure(self, tool, context):
        # The first run fills the caches that some tools keep of their compiled rules.
        scan(tool, context, self.folder, timing=True)
        runs = [scan(tool, context, self.folder, timing=True) for _ in range(self.repeats)]
        cpu = median_and_range([run.cpu_s * 1e3 for run in runs])
        return {"figures": {"cpu_ms": figure(cpu["value"], "ms", cpu["low"], cpu["high"], len(runs))}}


class InProcess:
    """One text through all rules inside the process, for the tools that have a library: median µs by length."""

    name = "in_process"

    def __init__(self, prose, folder):
        whole = b"\n".join(data for _, data in prose).decode("utf-8", "replace")
        self.texts = {}
        for size in TEXT_BYTES:
            # ASCII, so that characters are bytes; spread over the corpus.
            plain = whole.encode("ascii", "ignore").decode()
            count = min(TEXTS[size], max(1, len(plain) // size))
            step = max(1, (len(plain) - size) // count)
            self.texts[str(size)] = [plain[index * step:index * step + size] for index in range(count)]
        self.folder = folder
        files = [(f"{size}.txt", text.encode()) for size, texts in self.texts.items() for text in texts]
        self.paths = corpus.write_folder(folder / "files", files)
        (folder / "texts.json").write_text(json.dumps(self.texts))
        self.about = {"texts": {size: len(texts) for size, texts in self.texts.items()}}

    def measure(self, tool, context):
        if tool.name == "llm-shield":
            return {"figures": {**self.ours(context), **self.ours_repeated(context)}}
        worker = {"detect-secrets": "inside_detect_secrets.py", "betterleaks": "inside_betterleaks.py"}.get(tool.name)
        if worker is None:
            return None
        out = context.scratch / "in-process.out"
        words = ["time"] if tool.package == "detect-secrets" else []
        python = installed.python(tool.package, context.home)
        run([python, HERE / worker, *words, self.folder / "texts.json"], self.folder, out, context.timeout_s, context.core)
        return {"figures": {f"us_{size}": figure(us, "µs", of=len(self.texts[size])) for size, us in json.loads(out.read_text()).items()}}

    def ours(self, context):
        """The Secrets scanner's own time from the reports of one process over the same texts."""
        out = context.scratch / "in-process.out"
        command = [context.ours, "scan", "--config", ours_policy(context), "--json", *self.paths]
        run(command, self.folder / "files", out, context.timeout_s, context.core)
        took = {size: [] for size in self.texts}
        with open(out, encoding="utf-8") as file:
            for line in file:
                report = json.loads(line)
                if not report.get("scanners"):
                    raise Failed("its JSON report holds no times of scanners")
                size = report["name"].rsplit("/", 1)[-1].split(".")[0]
                took[size].append(sum(scanner["elapsed_ns"] for scanner in report["scanners"]) / 1e3)
        return {f"us_{size}": figure(statistics.median(times), "µs", of=len(times)) for size, times in took.items() if times}

    def ours_repeated(self, context):
        """`llm-shield bench scanners`: the same text again and again, other texts of its own, caches warm."""
        out = context.scratch / "scanners.out"
        run([context.ours, "bench", "scanners", "--json", "--config", ours_policy(context)], self.folder, out, context.timeout_s, context.core)
        rows = [json.loads(line) for line in out.read_text().splitlines() if line.strip()]
        return {
            f"repeated_us_{row['bytes']}": figure(row["median_us"], "µs", row["min_us"], row["max_us"])
            for row in rows
            if row["scanner"] == "Secrets"
        }
