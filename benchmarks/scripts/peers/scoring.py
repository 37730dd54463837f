"""Counts, ratios and intervals: pure functions of findings and of what should have been found.

A finding is a triple (start, end, rule) in bytes of the file, end exclusive.
"""

import random
import statistics

RESAMPLES = 1000
SEED = 7


def overlaps(start, end, other_start, other_end):
    """Whether two half-open ranges share a byte. An empty range shares none."""
    return max(start, other_start) < min(end, other_end)


def stands_on(findings, start, end):
    """Whether any finding shares a byte with the place."""
    return any(overlaps(start, end, finding[0], finding[1]) for finding in findings)


def ratios(true_positives, false_positives, false_negatives):
    """Precision, recall and F1; None where nothing was counted that the figure could rest on."""
    found = true_positives + false_positives
    wanted = true_positives + false_negatives
    precision = true_positives / found if found else None
    recall = true_positives / wanted if wanted else None
    f1 = 2 * true_positives / (found + wanted) if found + wanted else None
    return {"precision": precision, "recall": recall, "f1": f1}


def count(rows):
    """(true positives, false positives, false negatives) of rows (positive, found)."""
    rows = list(rows)
    return (
        sum(positive and found for positive, found in rows),
        sum(found and not positive for positive, found in rows),
        sum(positive and not found for positive, found in rows),
    )


def by_group_with_intervals(rows, resamples=RESAMPLES, seed=SEED):
    """Ratios over all rows (group, positive, found) with 95 % percentile intervals by a bootstrap over the groups.

    Rows of one repository resemble one another, so it is repositories that are drawn again, not rows. Each figure is
    {"value", "low", "high"}.
    """
    groups = {}
    for group, positive, found in rows:
        groups.setdefault(group, []).append((positive, found))
    counts = [count(groups[group]) for group in sorted(groups)]
    total = [sum(column) for column in zip(*counts)] if counts else [0, 0, 0]
    draw = random.Random(seed)
    samples = []
    for _ in range(resamples if counts else 0):
        drawn = [counts[draw.randrange(len(counts))] for _ in counts]
        samples.append(ratios(*(sum(column) for column in zip(*drawn))))
    figures = {}
    for name, value in ratios(*total).items():
        values = sorted(sample[name] for sample in samples if sample[name] is not None)
        figures[name] = {"value": value, "low": percentile(values, 0.025), "high": percentile(values, 0.975)}
    return dict(zip(("true_positives", "false_positives", "false_negatives"), total)), figures


def percentile(values, share):
    """The value below which this share of the sorted values lies, by the nearest rank; None of no values."""
    if not values:
        return None
    return values[min(len(values) - 1, max(0, round(share * (len(values) - 1))))]


def median_and_range(values):
    values = sorted(values)
    if not values:
        return {"value": None, "low": None, "high": None}
    return {"value": statistics.median(values), "low": values[0], "high": values[-1]}


def score_spans(wanted, found):
    """(true positives, false positives, false negatives, wrong) of the spans (start, end, kind) of one text.

    A wanted span is found when a finding of its kind overlaps it; a finding is false when it overlaps no wanted span of
    its kind. `wrong` counts the false ones that overlap a wanted span of another kind: the place is right, the name is
    not.
    """
    same = lambda a, b: a[2] == b[2] and overlaps(a[0], a[1], b[0], b[1])
    hit = sum(any(same(want, find) for find in found) for want in wanted)
    false = [find for find in found if not any(same(want, find) for want in wanted)]
    wrong = sum(stands_on(wanted, find[0], find[1]) for find in false)
    return hit, len(false), len(wanted) - hit, wrong


class Places:
    """Turns what tools report (a line, a value) into bytes of one file."""

    def __init__(self, data):
        self.data = data
        self.starts = [0]
        at = data.find(b"\n")
        while at >= 0:
            self.starts.append(at + 1)
            at = data.find(b"\n", at + 1)

    def line(self, first, last=None):
        """Bytes of the lines first to last, counted from 1 and kept inside the file."""
        first = min(max(first, 1), len(self.starts))
        last = min(max(last or first, first), len(self.starts))
        end = self.starts[last] if last < len(self.starts) else len(self.data)
        return self.starts[first - 1], end

    def value(self, value, first, last=None, column=0):
        """Where `value` stands on these lines, nearest to `column` (bytes from 0); the whole lines when it is not there.

        A tool that decodes or trims what it found reports a value that the file does not hold; its lines are then all
        that is known, which favours the tool.
        """
        start, end = self.line(first, last)
        wanted = value.encode("utf-8", "surrogatepass") if value else b""
        at = self.data.find(wanted, start) if wanted else -1
        best = None
        while 0 <= at < end:
            if best is None or abs(at - start - column) < abs(best - start - column):
                best = at
            at = self.data.find(wanted, at + 1)
        return (start, end) if best is None else (best, best + len(wanted))
