#!/usr/bin/env python3
"""A labelled model of LLM Shield's throughput, fitted to measured rows. It measures nothing.

Needs Python 3.8 or later and nothing else. Throughput over connections is the Universal Scalability Law
(N. J. Gunther, Guerrilla Capacity Planning, 2007), X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)); mean
latency follows by Little's law; a percentile is the mean times the median ratio of that percentile to the mean in the
measured rows. The error printed is that on connection counts left out of the fit. There is no random number and no
constant result in here: other rows give other figures, and without rows there is nothing.

Files go only under benchmarks/simulated/, and every one of them says SIMULATED.
"""

import argparse
import csv
import json
import math
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MEASURED = ROOT / "benchmarks" / "results" / "throughput_results.csv"
SIMULATED = ROOT / "benchmarks" / "simulated"
LABEL = "SIMULATED"
CONNECTIONS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000]
PERCENTILES = ["p50_latency_ms", "p95_latency_ms", "p99_latency_ms"]
NEEDED = ["endpoint", "concurrency", "requests_per_second", "mean_latency_ms"] + PERCENTILES
STARTS = [(sigma, kappa) for sigma in (0.0, 0.1, 0.5, 0.9, 1.0) for kappa in (0.0, 1e-5, 1e-3)]
STEPS_MAX = 300


class BadInput(Exception):
    """What the user must know about the input."""


def read_rows(path):
    """Closed-loop rows of our own server, as dictionaries with numbers."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, strict=True)
            missing = [name for name in NEEDED if name not in (reader.fieldnames or [])]
            if missing:
                raise BadInput(f"{path}, line 1: column `{missing[0]}` is missing")
            rows = [read_row(path, reader.line_num, cells) for cells in reader]
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}; measure first: cargo run --release -- bench") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path}: not a CSV file in UTF-8: {error}") from None
    if not rows:
        raise BadInput(f"{path}: no rows")
    return [row for row in rows if row is not None]


def read_row(path, line, cells):
    if None in cells or None in cells.values():
        raise BadInput(f"{path}, line {line}: not as many cells as the header has")
    row = {"endpoint": cells["endpoint"].strip()}
    for name in NEEDED[1:]:
        try:
            row[name] = float(cells[name])
        except ValueError:
            if name in PERCENTILES and not cells[name].strip():
                row[name] = math.nan
                continue
            raise BadInput(f"{path}, line {line}, column `{name}`: `{cells[name][:40]}` is not a number") from None
        if not math.isfinite(row[name]) or row[name] < 0:
            raise BadInput(f"{path}, line {line}, column `{name}`: `{cells[name][:40]}` is not a finite number from 0 up")
    if (cells.get("mode") or "closed").strip() != "closed" or (cells.get("scenario") or "").startswith("peer_"):
        return None
    return row


def throughput(curve, n):
    rate, sigma, kappa = curve
    return rate * n / (1.0 + sigma * (n - 1.0) + kappa * n * (n - 1.0))


def cost(curve, points):
    return sum((throughput(curve, n) / x - 1.0) ** 2 for n, x in points)


def normal_equations(curve, points):
    normal = [[0.0] * 3 for _ in range(3)]
    gradient = [0.0] * 3
    for n, x in points:
        relative = throughput(curve, n) / x
        d = 1.0 + curve[1] * (n - 1.0) + curve[2] * n * (n - 1.0)
        slope = [relative, -relative * (n - 1.0) / d, -relative * n * (n - 1.0) / d]
        for i in range(3):
            gradient[i] += slope[i] * (relative - 1.0)
            for j in range(3):
                normal[i][j] += slope[i] * slope[j]
    return normal, gradient


def solve(matrix, right):
    """Gaussian elimination with partial pivoting after scaling to a unit diagonal; None when singular."""
    if any(not math.isfinite(matrix[i][i]) or matrix[i][i] <= 0 for i in range(3)):
        return None
    scale = [math.sqrt(matrix[i][i]) for i in range(3)]
    a = [[matrix[i][j] / (scale[i] * scale[j]) for j in range(3)] + [right[i] / scale[i]] for i in range(3)]
    for pivot in range(3):
        largest = max(range(pivot, 3), key=lambda row: abs(a[row][pivot]))
        a[pivot], a[largest] = a[largest], a[pivot]
        if abs(a[pivot][pivot]) < 1e-14:
            return None
        for row in range(pivot + 1, 3):
            factor = a[row][pivot] / a[pivot][pivot]
            a[row] = [cell - factor * above for cell, above in zip(a[row], a[pivot])]
    solution = [0.0] * 3
    for row in (2, 1, 0):
        known = sum(a[row][column] * solution[column] for column in range(row + 1, 3))
        solution[row] = (a[row][3] - known) / a[row][row]
    return [value / size for value, size in zip(solution, scale)]


def descend(curve, points):
    """Levenberg-Marquardt on relative residuals, projected into lambda > 0, 0 <= sigma <= 1, kappa >= 0."""
    least, damping = cost(curve, points), 1e-3
    for _ in range(STEPS_MAX):
        normal, gradient = normal_equations(curve, points)
        _, sigma, kappa = curve
        at_bound = [
            False,
            (sigma <= 0.0 and gradient[1] > 0) or (sigma >= 1.0 and gradient[1] < 0),
            kappa <= 0.0 and gradient[2] > 0,
        ]
        right = [-value for value in gradient]
        for i in range(3):
            if at_bound[i]:
                for j in range(3):
                    normal[i][j] = normal[j][i] = 0.0
                normal[i][i], right[i] = 1.0, 0.0
            normal[i][i] *= 1.0 + damping
        step = solve(normal, right)
        if step is None:
            break
        following = (
            curve[0] * math.exp(min(5.0, max(-5.0, step[0]))),
            min(1.0, max(0.0, sigma + step[1])),
            max(0.0, kappa + step[2]),
        )
        following_cost = cost(following, points)
        if following_cost < least:
            gain, curve, least = least - following_cost, following, following_cost
            damping = max(damping * 0.3, 1e-12)
            if gain <= 1e-15 * least:
                break
        else:
            damping *= 4.0
            if damping > 1e12:
                break
    return curve


def fit_curve(points):
    if any(n <= 0 or x <= 0 for n, x in points):
        raise BadInput("a point to fit is not a finite number above zero")
    counts = len({n for n, _ in points})
    if counts < 3:
        raise BadInput(f"{counts} distinct connection counts; at least 3 are needed")
    best, least = None, math.inf
    for sigma, kappa in STARTS:
        logs = [math.log(x / throughput((1.0, sigma, kappa), n)) for n, x in points]
        curve = descend((math.exp(sum(logs) / len(logs)), sigma, kappa), points)
        found = cost(curve, points)
        if best is None or found < least * (1.0 - 1e-9):
            best, least = curve, found
    return best


def cross_validate(points):
    """Mean and worst relative error on connection counts left out; None below four counts."""
    counts = sorted({n for n, _ in points})
    if len(counts) < 4:
        return None, None
    errors = []
    for count in counts:
        curve = fit_curve([point for point in points if point[0] != count])
        out = [abs(throughput(curve, n) / x - 1.0) for n, x in points if n == count]
        errors.append(sum(out) / len(out))
    return sum(errors) / len(errors), max(errors)


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    if not values:
        return None
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2.0


def model(endpoint, rows):
    points = [(row["concurrency"], row["requests_per_second"]) for row in rows]
    curve = fit_curve(points)
    error, error_max = cross_validate(points)
    low, high = min(n for n, _ in points), max(n for n, _ in points)
    ratios = {}
    for name in PERCENTILES:
        pairs = [(row[name], row["mean_latency_ms"]) for row in rows]
        ratios[name] = median([value / mean for value, mean in pairs if mean > 0 and math.isfinite(value)])
    predictions = []
    for n in CONNECTIONS:
        rate = throughput(curve, n)
        mean = n / rate * 1000.0
        prediction = {"label": LABEL, "concurrency": n, "requests_per_second": rate, "mean_latency_ms": mean}
        prediction.update({name: None if ratio is None else ratio * mean for name, ratio in ratios.items()})
        prediction["extrapolated"] = n < low or n > high
        predictions.append(prediction)
    names = ("lambda", "sigma", "kappa")
    return {"endpoint": endpoint, **dict(zip(names, curve)), "cross_validated_error": error,
            "cross_validated_error_max": error_max, "rows": predictions}


def simulate(rows):
    endpoints, left_out = [], []
    for endpoint in dict.fromkeys(row["endpoint"] for row in rows):
        try:
            endpoints.append(model(endpoint, [row for row in rows if row["endpoint"] == endpoint]))
        except BadInput as error:
            left_out.append(f"{endpoint}: {error}")
    if not endpoints:
        raise BadInput("no endpoint can be modelled: " + ("; ".join(left_out) or "no closed-loop rows"))
    return {"label": LABEL, "endpoints": endpoints, "left_out": left_out}


def summary(simulation):
    lines = [f"{LABEL}: a model fitted to measured rows; nothing here was measured.", ""]
    for endpoint in simulation["endpoints"]:
        lines.append(f"{endpoint['endpoint']}: lambda {endpoint['lambda']:.1f}/s, sigma {endpoint['sigma']:.4g}, "
                     f"kappa {endpoint['kappa']:.4g}")
        if endpoint["cross_validated_error"] is None:
            lines.append("  cross-validated error: not known (fewer than 4 connection counts were measured)")
        else:
            lines.append(f"  leave-one-out error of throughput: {endpoint['cross_validated_error']:.1%} mean, "
                         f"{endpoint['cross_validated_error_max']:.1%} worst")
        lines.append(f"  {'connections':>11} {'requests/s':>11} {'mean ms':>9} {'p50 ms':>9} {'p99 ms':>9}")
        for row in endpoint["rows"]:
            cells = [f"{value:9.3f}" if value is not None else " " * 9
                     for value in (row["mean_latency_ms"], row["p50_latency_ms"], row["p99_latency_ms"])]
            note = "  extrapolated" if row["extrapolated"] else ""
            lines.append(f"  {row['concurrency']:>11} {row['requests_per_second']:>11.0f} {' '.join(cells)}{note}")
        lines.append("")
    lines.extend(f"left out: {reason}" for reason in simulation["left_out"])
    return "\n".join(lines).rstrip() + "\n"


def write(simulation, directory):
    directory = directory.resolve()
    if directory != SIMULATED and SIMULATED not in directory.parents:
        raise BadInput(f"{directory}: simulated files go only under {SIMULATED}")
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "SIMULATED_SUMMARY.txt").write_text(summary(simulation), encoding="utf-8")
    (directory / "SIMULATED_model.json").write_text(json.dumps(simulation, indent=2) + "\n", encoding="utf-8")
    with open(directory / "SIMULATED_throughput.csv", "w", newline="", encoding="utf-8") as file:
        columns = ["label", "endpoint", "concurrency", "requests_per_second", "mean_latency_ms", *PERCENTILES,
                   "extrapolated"]
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        for endpoint in simulation["endpoints"]:
            for row in endpoint["rows"]:
                writer.writerow({**row, "endpoint": endpoint["endpoint"]})
    return directory


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", type=Path, default=MEASURED, help="measured rows (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=SIMULATED, help="directory under benchmarks/simulated/")
    parser.add_argument("--json", action="store_true", help="print the model as JSON and write no file")
    arguments = parser.parse_args()
    try:
        simulation = simulate(read_rows(arguments.input))
        if arguments.json:
            print(json.dumps(simulation, indent=2))
            return 0
        directory = write(simulation, arguments.out)
    except (BadInput, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(summary(simulation), end="")
    print(f"\n{LABEL} files are in {directory}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
