"""The folded view in Python: the reference that the Rust crate must equal. Reads the committed table, nothing else."""

import functools
import pathlib

TABLE = pathlib.Path(__file__).resolve().parent.parent / "crates" / "llm-shield" / "data" / "fold.tsv"


@functools.cache
def table() -> dict[int, str]:
    out = {}
    for line in TABLE.read_text(encoding="ascii").splitlines():
        first, count, kind, replacement = line.split("\t")
        codes = [int(code, 16) for code in replacement.split()]
        for step in range(int(count)):
            out[int(first, 16) + step] = chr(codes[0] + step) if kind == "+" else "".join(map(chr, codes))
    return out


def fold(text: str) -> str:
    """`text` as it reads: lower case, plain letters, nothing that cannot be seen."""
    return text.translate(table())
