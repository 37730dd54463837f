"""Tests of what the figures rest on: places, counts, intervals, planted tokens, and how a program's end is told."""

import json
import random
import sys
import tempfile
import unittest
import zlib
from pathlib import Path

from peers import corpus, pii_measures, planting, report, scoring, secret_table, secret_tools
from peers.running import Failed, run


class Scoring(unittest.TestCase):
    def test_ranges_overlap_only_when_they_share_a_byte(self):
        for expected, *place in [
            (True, 0, 5, 4, 9), (False, 0, 5, 5, 9), (False, 3, 3, 0, 9), (True, 2, 3, 0, 9), (False, 5, 9, 0, 5),
        ]:
            self.assertEqual(scoring.overlaps(*place), expected, place)

    def test_ratios_come_from_counts(self):
        self.assertEqual(scoring.ratios(6, 2, 4), {"precision": 0.75, "recall": 0.6, "f1": 12 / 18})
        self.assertEqual(scoring.ratios(0, 0, 3), {"precision": None, "recall": 0.0, "f1": 0.0})
        self.assertEqual(scoring.ratios(0, 0, 0), {"precision": None, "recall": None, "f1": None})

    def test_intervals_are_over_groups(self):
        # One group all right, one all wrong: rows drawn singly would give a narrow interval, groups give 0 to 1.
        rows = [("a", True, True)] * 50 + [("b", True, False)] * 50
        counts, figures = scoring.by_group_with_intervals(rows)
        self.assertEqual(counts, {"true_positives": 50, "false_positives": 0, "false_negatives": 50})
        self.assertEqual(figures["recall"], {"value": 0.5, "low": 0.0, "high": 1.0})
        self.assertEqual(figures, scoring.by_group_with_intervals(rows)[1])

    def test_no_rows_give_no_figures(self):
        counts, figures = scoring.by_group_with_intervals([])
        self.assertEqual(set(counts.values()), {0})
        self.assertEqual(figures["f1"], {"value": None, "low": None, "high": None})

    def test_spans_are_scored_by_overlap_and_kind(self):
        wanted = [(0, 4, "A"), (10, 14, "B"), (20, 24, "A")]
        found = [(2, 6, "A"), (10, 14, "A"), (30, 31, "A")]
        # The second finding is at the right place with the wrong name, the third is nowhere.
        self.assertEqual(scoring.score_spans(wanted, found), (1, 2, 2, 1))
        self.assertEqual(scoring.score_spans([], []), (0, 0, 0, 0))

    def test_values_are_placed_in_bytes(self):
        data = "é = 'a'\nkey = tok, tok\nend".encode()
        places = scoring.Places(data)
        self.assertEqual(places.line(2), (9, 24))
        self.assertEqual(places.value("tok", 2), (15, 18))
        self.assertEqual(places.value("tok", 2, column=11), (20, 23))
        # What is not on the line as it was reported is the whole line; lines outside the file are kept inside.
        self.assertEqual(places.value("decoded", 2), (9, 24))
        self.assertEqual(places.value("end", 99), (24, 27))


class Files(unittest.TestCase):
    def test_a_credential_stands_behind_its_neighbours(self):
        row = {"path": "src/ü/config.py", "before": ["# é"], "after": ["x = 1"], "text": "ä = 's3cret'", "value_start": 5, "value_end": 11}
        name, data, start, end = corpus.credential_file(row)
        self.assertEqual((name, data[start:end]), ("config.py", b"s3cret"))
        row.update(value_start=-1, value_end=-1)
        _, data, start, end = corpus.credential_file(row)
        self.assertEqual(data[start:end].decode(), row["text"])

    def test_planted_tokens_stand_where_they_are_said_to(self):
        files = [(f"{index}.{suffix}", b"first\nsecond\n" * 50) for index, suffix in enumerate(["md", "py", "rs", "c"] * 200)]
        kinds = ["prose" if name.endswith("md") else "code" for name, _ in files]
        planted, plants = planting.plant(files, kinds, random.Random(1))
        again = planting.plant(files, kinds, random.Random(1))
        self.assertEqual((planted, plants), again)
        flat = [(planted[index][1][start:end].decode(), kind, name) for index, spans in plants.items() for start, end, kind, name in spans]
        self.assertEqual(len(flat), 8 * len(planting.PROVIDERS) + 100)
        self.assertEqual(len({token for token, _, _ in flat}), len(flat))
        for token, kind, name in flat:
            if name == "github":
                body, digits = token[4:34], token[34:]
                value = 0
                for digit in digits:
                    value = value * 62 + planting.BASE62.index(digit)
                self.assertEqual(value, zlib.crc32(body.encode()))
            if name == "private_key":
                self.assertTrue(token.startswith("-----BEGIN") and token.endswith("KEY-----"), token[:20])

    def test_bech32_checksum_holds(self):
        key = planting.age_key(planting.Draw(random.Random(2))).lower()
        human, _, data = key.rpartition("1")
        values = [ord(c) >> 5 for c in human] + [0] + [ord(c) & 31 for c in human] + [planting.BECH32.index(c) for c in data]
        check = 1
        for value in values:
            top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
            for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
                check ^= generator if top >> bit & 1 else 0
        self.assertEqual((check, len(data)), (1, 58))

    def test_rows_of_personal_data_are_checked(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.jsonl"
            path.write_text('{"text": "a b", "entities": [{"start": 2, "end": 3, "kind": "X"}]}\n')
            self.assertEqual(pii_measures.read_rows(path, None), [("a b", [(2, 3, "X")])])
            for bad, why in [
                ('{"text": "ab"}', "row 1: needs"), ("nonsense", "Expecting value"),
                ('{"text": "ab", "entities": [{"start": 1, "end": 9, "kind": "X"}]}', "span 1..9 of X is not inside its 2 bytes"),
            ]:
                path.write_text(bad)
                with self.assertRaisesRegex(Failed, why):
                    pii_measures.read_rows(path, None)


class Tools(unittest.TestCase):
    def read(self, reader, lines, suffix=""):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            Path(f"{out}{suffix}").write_text(lines)
            return list(reader(out, folder))

    def test_both_shapes_of_our_output_are_read(self):
        sweep = {"path": "a.py", "span": {"start": 1, "end": 5}, "rule": "r", "line": 1}
        report_of_file = {"name": "a.py", "scanners": [{"findings": [{"rule": "r", "span": {"start": 1, "end": 5}}]}]}
        for shape in (sweep, report_of_file):
            self.assertEqual(self.read(secret_tools.read_ours, json.dumps(shape)), [("a.py", "r", 1, 5)])

    def test_findings_become_spans_of_relative_paths(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "a.txt").write_bytes(b"x\nkey tok\n")
            found = {}
            raw = [("./a.txt", "r", "tok", 2, 2, 4), (str(Path(folder).resolve() / "a.txt"), "s", 0, 1)]
            secret_tools.placed(raw, folder, found)
            self.assertEqual(found, {"a.txt": [(6, 9, "r"), (0, 1, "s")]})

    def test_output_that_is_not_json_names_its_line(self):
        with self.assertRaisesRegex(Failed, "line 2"):
            self.read(secret_tools.read_betterleaks, "{}\noops")

    def test_a_program_is_timed_and_its_end_told(self):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            ran = run([sys.executable, "-c", "sum(range(3_000_000)); print('done')"], folder, out, 60)
            self.assertGreater(ran.cpu_s, 0.0)
            self.assertEqual(out.read_text(), "done\n")
            for code, why, timeout_s in [
                ("import sys; sys.exit('broken')", "exit 1: broken", 60), ("import time; time.sleep(60)", "stopped after 0 s", 0.2),
            ]:
                with self.assertRaisesRegex(Failed, why):
                    run([sys.executable, "-c", code], folder, out, timeout_s, codes=(0,))
            with self.assertRaisesRegex(Failed, "No such file"):
                run([Path(folder) / "missing"], folder, out, 60)


class Reports(unittest.TestCase):
    def test_a_failed_tool_is_a_row_and_not_a_gap(self):
        figures = {"precision": report.figure(0.5, "ratio", 0.4, 0.6), "recall": report.figure(0.25, "ratio"), "f1": report.figure(None, "ratio")}
        results = {
            "command": "x", "started": "now", "machine": {"processor": "p", "cores": 2, "system": "s"}, "sample": None,
            "repeats": 3, "inputs": {"creddata": {"rows": 10, "positives": 2}},
            "tools": {
                "ours": {"version": "1", "note": "", "measures": {"creddata": {"figures": figures}}},
                "peer": {"version": None, "note": "", "measures": {"creddata": {"failed": "exit 3: why"}}},
            },
        }
        with tempfile.TemporaryDirectory() as folder:
            report.write(results, Path(folder), "secrets", secret_table.table)
            self.assertEqual(sorted(path.name for path in Path(folder).iterdir()), ["SECRETS.md", "secrets.csv", "secrets.json"])
            table = (Path(folder) / "SECRETS.md").read_text()
            self.assertIn("| ours | 0.500 [0.400, 0.600] | 0.250 | – |", table)
            self.assertIn("| peer | failed | failed | failed |", table)
            self.assertIn("peer, creddata: exit 3: why", table)
            rows = (Path(folder) / "secrets.csv").read_text().splitlines()
            self.assertEqual(rows[1], "ours,1,creddata,precision,0.5,0.4,0.6,ratio,")


if __name__ == "__main__":
    unittest.main()
