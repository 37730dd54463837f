"""Pieces of code by language, out of packages with a clear licence: what trains `Code` and `BanCode` beside the data folder.

    sh code_packages.sh FOLDER VENV/bin/pip
    VENV/bin/python code_corpus.py --packages FOLDER/unpacked --out FOLDER/code.jsonl.gz

Nothing of it is committed. The folder holds one folder a package; a package's licence stands in SOURCES.
"""

import argparse
import gzip
import json
import pathlib
import random

import data

PIECES_A_LABEL = 700
PIECES_A_FILE = 3
BYTES_MAX = 2000

# (start of the package folder's name, licence, ending of the file, label)
SOURCES = [
    ("ansible", "GPL-3.0", ".ps1", "PowerShell"), ("ansible", "GPL-3.0", ".psm1", "PowerShell"),
    ("ansible", "GPL-3.0", ".sh", "Shell"), ("ansible", "GPL-3.0", ".yml", "YAML"), ("ansible", "GPL-3.0", ".py", "Python"),
    ("Django", "BSD-3-Clause", ".py", "Python"), ("Django", "BSD-3-Clause", ".html", "HTML"), ("Django", "BSD-3-Clause", ".css", "CSS"),
    ("numpy", "BSD-3-Clause", ".f90", "Fortran"), ("numpy", "BSD-3-Clause", ".f", "Fortran"), ("numpy", "BSD-3-Clause", ".py", "Python"),
    ("mathics3", "GPL-3.0", ".m", "Mathematica/Wolfram Language"), ("pythonnet", "MIT", ".cs", "C#"),
    ("react-native-windows", "MIT", ".cs", "C#"), ("react-native-windows", "MIT", ".cpp", "C++"), ("react-native-windows", "MIT", ".ts", "TypeScript"),
    ("react-native-0", "MIT", ".java", "Java"), ("react-native-0", "MIT", ".kt", "Kotlin"), ("react-native-0", "MIT", ".mm", "Objective-C"),
    ("react-native-0", "MIT", ".m", "Objective-C"), ("react-native-0", "MIT", ".cpp", "C++"), ("react-native-0", "MIT", ".js", "JavaScript"),
    ("react-native-0", "MIT", ".rb", "Ruby"), ("react-native-0", "MIT", ".ts", "TypeScript"), ("react-native-0", "MIT", ".sh", "Shell"),
    ("codemirror", "MIT", ".js", "JavaScript"), ("codemirror", "MIT", ".css", "CSS"), ("highlight.js", "BSD-3-Clause", ".css", "CSS"),
    ("tree-sitter-jq", "MIT", ".jq", "jq"), ("tree-sitter-cobol", "MIT", ".cbl", "COBOL"), ("tree-sitter-cobol", "MIT", ".cob", "COBOL"),
    ("erlang-src", "Apache-2.0", ".erl", "Erlang"), ("fpc-source", "LGPL-2.1 with exception", ".pas", "Pascal"),
    ("fpc-source", "LGPL-2.1 with exception", ".pp", "Pascal"), ("fpc-source", "LGPL-2.1 with exception", "arm/*.inc", "ARM Assembly"),
    ("php-symfony", "MIT", ".php", "PHP"), ("lua-", "MIT", ".lua", "Lua"), ("libruby", "BSD-2-Clause or Ruby", ".rb", "Ruby"),
    ("golang-", "BSD-3-Clause, Apache-2.0", ".go", "Go"), ("r-cran-rcpp", "GPL-2.0+", ".R", "R"), ("r-cran-rcpp", "GPL-2.0+", ".r", "R"),
    ("r-cran-rcpp", "GPL-2.0+", ".cpp", "C++"), ("octave-common", "GPL-3.0+", ".m", "MATLAB"),
    ("perl-modules", "Artistic-1.0 or GPL-1.0+", ".pm", "Perl"), ("perl-modules", "Artistic-1.0 or GPL-1.0+", ".pl", "Perl"),
    ("ring", "ISC, Apache-2.0", "arm*.S", "ARM Assembly"),
    ("regex", "MIT or Apache-2.0", ".rs", "Rust"), ("serde", "MIT or Apache-2.0", ".rs", "Rust"), ("tokio", "MIT", ".rs", "Rust"),
    ("clap", "MIT or Apache-2.0", ".rs", "Rust"), ("hyper", "MIT", ".rs", "Rust"),
]  # fmt: skip
# Example files of pygments (BSD-2-Clause) by folder, for languages that are rare elsewhere.
PYGMENTS = {
    "applescript": "AppleScript", "cobol": "COBOL", "vb.net": "Visual Basic .NET", "aspx-vb": "Visual Basic .NET", "fortran": "Fortran",
    "fortranfixed": "Fortran", "delphi": "Pascal", "pascal": "Pascal", "erlang": "Erlang", "mathematica": "Mathematica/Wolfram Language",
    "powershell": "PowerShell", "splus": "R", "kotlin": "Kotlin", "scala": "Scala", "swift": "Swift", "lua": "Lua", "rust": "Rust",
    "haskell": "Haskell", "dart": "Dart", "sql": "SQL", "sqlite3": "SQL", "postgresql": "SQL", "tsql": "SQL", "gsql": "SQL", "plpgsql": "SQL", "mysql": "SQL", "psql": "SQL", "bash": "Shell", "elixir": "Elixir", "docker": "Dockerfile",
    "ts": "TypeScript", "csharp": "C#", "make": "Makefile", "json": "JSON", "yaml": "YAML", "html": "HTML",
}  # fmt: skip


def files(packages: pathlib.Path):
    """(label, file), in a fixed order."""
    for start, _, ending, label in SOURCES:
        pattern = ending if "*" in ending else f"*{ending}"
        for folder in sorted(packages.glob(f"{start}*")):
            found = sorted(path for path in folder.rglob(pattern) if path.is_file() and 200 < path.stat().st_size < 400_000)
            yield from ((label, path) for path in found if not path.name.endswith((".min.js", ".min.css")))
    for folder in sorted(packages.glob("pygments*/pygments*/tests/examplefiles/*")):
        if folder.name in PYGMENTS:
            for path in sorted(folder.iterdir()):
                if path.is_file() and not path.name.endswith(".output"):
                    yield PYGMENTS[folder.name], path


def pieces(text: str, generator: random.Random, most: int):
    """Stretches of 2 to 50 lines, at most BYTES_MAX bytes."""
    lines = text.splitlines(keepends=True)
    for _ in range(most):
        count = generator.choice((2, 3, 4, 6, 8, 12, 20, 30, 50))
        start = generator.randrange(max(len(lines) - count, 1))
        piece = "".join(lines[start : start + count])[:BYTES_MAX]
        if len(piece.strip()) >= 25:
            yield piece


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=pathlib.Path, required=True)
    parser.add_argument("--data", help="the data folder (default: ../../shared/data)")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    a = parser.parse_args()
    generator = random.Random(7)
    folder = data.folder(a.data)
    tests = data.heldout(folder)
    dev = {line.strip() for row in data.rows(folder, "codelang_dev") for line in row["text"].splitlines() if len(line.strip()) > 30}
    by_label: dict[str, list[pathlib.Path]] = {}
    for label, path in files(a.packages):
        by_label.setdefault(label, []).append(path)
    with gzip.GzipFile(a.out, "wb", mtime=0) as out:
        for label, paths in sorted(by_label.items()):
            generator.shuffle(paths)
            most = max(PIECES_A_FILE, min(60, PIECES_A_LABEL // (4 * len(paths)) + 1))
            kept = dropped = 0
            for path in paths:
                text = path.read_text(encoding="utf-8", errors="replace")
                for piece in pieces(text, generator, most):
                    # A piece that shares a line of some length with a development row may be of the same file.
                    if any(line.strip() in dev for line in piece.splitlines()) or tests.hit(piece):
                        dropped += 1
                        continue
                    out.write(json.dumps({"text": piece, "label": label}).encode() + b"\n")
                    kept += 1
                if kept >= PIECES_A_LABEL:
                    break
            print(f"{label}: {kept} pieces of {len(paths)} files, {dropped} dropped")


if __name__ == "__main__":
    main()
