"""The Markdown tables of the comparison of secret scanners."""

from .report import cell, failures, heading, markdown_table


def table(results):
    tools = results["tools"]
    rows = lambda *columns: [[name, *(column(result) for column in columns)] for name, result in tools.items()]
    get = lambda measure, metric, digits=3, scale=1.0: lambda result: cell(result, measure, metric, digits, scale)
    inputs = results["inputs"]
    parts = [heading(results, "Secret scanners side by side")]
    parts.append(markdown_table(
        ["tool", "version", "note"], [[name, result["version"] or "–", result["note"] or "–"] for name, result in tools.items()]
    ))
    if "creddata" in inputs:
        about = inputs["creddata"]
        parts.append(
            f"CredData, {about['rows']:,} labelled lines, {about['positives']:,} of them credentials; a row is found when a "
            "finding stands on its value. Intervals: 95 %, bootstrap over repositories.\n"
        )
        parts.append(markdown_table(
            ["tool", "precision", "recall", "F1"],
            rows(*(get("creddata", metric) for metric in ("precision", "recall", "f1"))),
        ))
    if "examples" in inputs:
        about = inputs["examples"]
        parts.append(
            f"Published examples, {about['valid']:,} valid and {about['invalid']:,} invalid; share with any finding, %. The "
            f"examples are kingfisher's (an older version) and noseyparker's; {about['contested']} invalid ones that are another "
            "rule's valid ones are left out.\n"
        )
        parts.append(markdown_table(
            ["tool", "valid found", "invalid found"],
            rows(get("examples", "valid_found", 1, 100), get("examples", "invalid_found", 1, 100)),
        ))
    parts += speed(results, rows, get)
    if "in_process" in inputs:
        parts.append(
            "One text in process, median µs. Betterleaks through its Python binding (a JSON round trip included); "
            "detect-secrets as llm-guard calls it, through a file. `repeated`: `llm-shield bench scanners`, one text again "
            "and again.\n"
        )
        columns = ["us_60", "us_1000", "us_100000", "repeated_us_60", "repeated_us_1024", "repeated_us_102400"]
        measured = {name: result for name, result in tools.items() if "in_process" in result["measures"]}
        parts.append(markdown_table(
            ["tool", "60 B", "1 KB", "100 KB", "60 B repeated", "1 KiB repeated", "100 KiB repeated"],
            [[name, *(cell(result, "in_process", column, 2) for column in columns)] for name, result in measured.items()],
        ))
    return "\n".join(parts) + failures(results)


def speed(results, rows, get):
    inputs = results["inputs"]
    if "mixed" in inputs:
        about = inputs["mixed"]
        yield (
            f"Mixed prose and code, {about['bytes'] / 1e6:.1f} MB in {about['files']:,} files from packages on the machine, with "
            f"{about['planted']} random tokens planted (seed {about['seed']}). Median [lowest, highest] of {results['repeats']} runs; a "
            "tool that needs over 30 CPU seconds repeats on a tenth. MB a CPU second is over user and system time of all "
            "processes, start-up included.\n"
        )
        yield markdown_table(
            ["tool", "MB / CPU s", "recall, providers", "recall, generic", "findings elsewhere / MB", "memory MB", "MB timed"],
            rows(get("mixed", "mb_per_cpu_s", 2), get("mixed", "recall_provider"), get("mixed", "recall_generic"),
                 get("mixed", "elsewhere_per_mb", 2), get("mixed", "rss_mb", 0), get("mixed", "timed_mb", 1)),
        )
    if "prose" in inputs or "code" in inputs or "start" in inputs:
        yield "Clean text from packages, nothing planted: every finding is taken as false. Start-up: a file of a few words.\n"
        yield markdown_table(
            ["tool", "findings / MB prose", "findings / MB code", "MB / CPU s prose", "MB / CPU s code", "start-up CPU ms"],
            rows(get("prose", "findings_per_mb", 2), get("code", "findings_per_mb", 2), get("prose", "mb_per_cpu_s", 2),
                 get("code", "mb_per_cpu_s", 2), get("start", "cpu_ms", 1)),
        )


def short(result):
    """The figures that matter, for the line at the terminal."""
    if result is None:
        return "(has no such thing)"
    if "failed" in result:
        return f"failed: {result['failed']}"
    wanted = ("f1", "valid_found", "invalid_found", "mb_per_cpu_s", "recall_provider", "recall_generic", "findings_per_mb",
              "cpu_ms", "us_60", "us_1000", "us_100000")
    figures = result["figures"]
    return ", ".join(
        f"{name} {figures[name]['value']:.4g}" for name in wanted if figures.get(name, {}).get("value") is not None
    )
