"""The Markdown tables of the comparison of recognisers of personal data."""

from .report import cell, failures, heading, markdown_table


def table(results):
    tools, inputs = results["tools"], results["inputs"]
    get = lambda result, metric, digits=3: cell(result, "rows", metric, digits)
    parts = [heading(results, "Recognisers of personal data side by side")]
    parts.append(markdown_table(
        ["tool", "version", "note"], [[name, result["version"] or "–", result["note"]] for name, result in tools.items()]
    ))
    parts.append(
        f"{inputs['rows']:,} rows with {inputs['spans']:,} spans of {len(inputs['kinds'])} kinds; scores from "
        f"{results['threshold']} on count. A span is found when a finding of its kind overlaps it. Intervals: 95 %, bootstrap "
        "over rows. `Known`: only the kinds that the tool has at all; best F1: at the threshold that suits it best on these "
        "rows. The rows are made by our own generator, near-misses included, which favours ours.\n"
    )
    parts.append(markdown_table(
        ["tool", "kinds", "precision", "recall", "F1", "precision, known", "recall, known", "best F1, known", "µs a text"],
        [
            [name, get(result, "kinds_known", 0), *(get(result, metric) for metric in (
                "precision", "recall", "f1", "known_precision", "known_recall", "best_known_f1")), get(result, "us_a_text", 1)]
            for name, result in tools.items()
        ],
    ))
    parts.append("Whether the place is found, whatever kind it is called:\n")
    parts.append(markdown_table(
        ["tool", "precision", "recall", "F1"],
        [[name, *(get(result, f"place_{metric}") for metric in ("precision", "recall", "f1"))] for name, result in tools.items()],
    ))
    parts.append("Kinds that all tools of this run know:\n")
    parts.append(markdown_table(
        ["tool", "precision", "recall", "F1"],
        [[name, *(get(result, f"shared_{metric}") for metric in ("precision", "recall", "f1"))] for name, result in tools.items()],
    ))
    parts.append("Recall / precision by kind:\n")
    parts.append(markdown_table(
        ["kind", *tools],
        [[kind, *(f"{get(result, f'recall_{kind}', 2)} / {get(result, f'precision_{kind}', 2)}" for result in tools.values())]
         for kind in inputs["kinds"]],
    ))
    return "\n".join(parts) + failures(results)


def short(measures):
    if "failed" in measures:
        return f"failed: {measures['failed']}"
    names = ("precision", "recall", "f1", "known_f1", "us_a_text")
    return ", ".join(f"{name} {measures['figures'][name]['value']:.4g}" for name in names if measures["figures"][name]["value"] is not None)
