"""Clean text from packages on this machine, and labelled rows as files. Nothing of it is ever committed.

The order is that of hashes of the paths, so the same machine gives the same corpus and no package comes in one block.
"""

import gzip
import hashlib
import html.parser
import json
import re
import shutil
import sysconfig
from pathlib import Path

from .running import Failed

FILE_BYTES = (300, 400_000)
# Where packages keep keys and tokens made for their tests: what is found there is no false finding.
NOT_CLEAN = {
    "test", "tests", "testing", "testdata", "test_data", "test-data", "fixtures", "snapshots", "site-packages", "idlelib",
    "__pycache__", "lib2to3",
}
TAGS_WITHOUT_TEXT = {"script", "style", "nav", "head", "button"}
CODE = {".rs", ".py", ".c", ".h", ".js", ".mjs", ".ts", ".go", ".java", ".toml", ".yml", ".yaml", ".json", ".sh", ".pl", ".rb"}
RUST_BOOKS = "book,reference,nomicon,rustc,rustdoc,edition-guide,embedded-book,error_codes,rust-by-example,style-guide,cargo"


def sources():
    """(kind, folder, suffixes) of what is gathered; folders that a machine lacks are left out."""
    home = Path.home()
    standard_library = Path(sysconfig.get_paths()["stdlib"])
    registries = sorted((home / ".cargo/registry/src").glob("*"))
    books = [
        folder / name
        for folder in sorted((home / ".rustup/toolchains").glob("[0-9s]*/share/doc/rust/html"))[:1]
        for name in RUST_BOOKS.split(",")
    ]
    wanted = [("code", standard_library, CODE), ("code", Path("/usr/lib/node_modules"), CODE)]
    wanted += [("code", folder, CODE) for folder in registries]
    wanted += [("prose", folder, {".md", ".txt", ".rst"}) for folder in registries]
    wanted += [("prose", Path("/usr/share/doc"), {".md", ".txt", ".rst", ".gz"})]
    wanted += [("prose", folder, {".html"}) for folder in books]
    return [(kind, folder, suffixes) for kind, folder, suffixes in wanted if folder.is_dir()]


class _Text(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.parts, self.hidden = [], 0

    def handle_starttag(self, tag, _attributes):
        self.hidden += tag in TAGS_WITHOUT_TEXT
        if tag in ("p", "li", "h1", "h2", "h3", "h4", "tr", "pre", "div"):
            self.parts.append("\n")

    def handle_endtag(self, tag):
        self.hidden -= tag in TAGS_WITHOUT_TEXT and self.hidden > 0

    def handle_data(self, data):
        if not self.hidden:
            self.parts.append(data)


def text_of(path):
    """The bytes of a text file as a reader sees them, and the name to give them; None for what is not text."""
    try:
        data = path.read_bytes()
        name = path.name
        if path.suffix == ".gz":
            name = path.stem if "." in path.stem else f"{path.stem}.txt"
            data = gzip.decompress(data)
        text = data.decode("utf-8")
    except (OSError, EOFError, gzip.BadGzipFile, UnicodeDecodeError):
        return None
    if path.suffix == ".html":
        parser = _Text()
        parser.feed(text)
        text, name = re.sub(r"\n\s*\n+", "\n\n", "".join(parser.parts)), f"{path.stem}.txt"
    data = text.encode("utf-8")
    if not FILE_BYTES[0] <= len(data) <= FILE_BYTES[1] or b"\0" in data or name.endswith((".ps", ".pdf", ".tar")):
        return None
    return name, data


def gather(kind, bytes_max):
    """Files of a kind, [(name, data)], until there are `bytes_max` bytes, with how many bytes came from where."""
    paths = {}
    for _, folder, suffixes in (source for source in sources() if source[0] == kind):
        for path in folder.rglob("*"):
            relative = path.relative_to(folder)
            clean = not NOT_CLEAN.intersection(part.lower() for part in relative.parts)
            if path.suffix.lower() in suffixes and clean and path.is_file() and not path.is_symlink():
                paths[path] = hashlib.sha256(str(relative).encode()).hexdigest(), folder
    ordered = sorted(paths, key=lambda path: paths[path])
    files, seen, origins = [], set(), {}
    # At first no place may give more than half, so that neither change logs nor one language crowd out the rest; if
    # the others are too small, the second pass takes from it what is missing.
    for share in (0.5, 1.0):
        for path in ordered:
            origin = str(paths[path][1])
            if sum(origins.values()) >= bytes_max:
                break
            if path in seen or origins.get(origin, 0) >= share * bytes_max:
                continue
            read = text_of(path)
            digest = read and hashlib.sha256(read[1]).digest()
            seen.add(path)
            if read and digest not in seen and (kind == "code" or Path(read[0]).suffix not in CODE):
                seen.add(digest)
                files.append(read)
                origins[origin] = origins.get(origin, 0) + len(read[1])
    return files, origins


def write_folder(folder, files, parts=1):
    """Writes files as `partP/NNNNN/NAME`, dealt out in turn, so that each part is a like sample. Returns the paths."""
    shutil.rmtree(folder, ignore_errors=True)
    paths = []
    for index, (name, data) in enumerate(files):
        relative = Path(f"part{index % parts}") / f"{index:05}" / name
        (folder / relative).parent.mkdir(parents=True)
        (folder / relative).write_bytes(data)
        paths.append(str(relative))
    return paths


def digest_of(files):
    whole = hashlib.sha256()
    for name, data in files:
        whole.update(f"{name} {len(data)}\n".encode() + data)
    return whole.hexdigest()


def read_rows(path):
    """Objects of a JSON Lines file, plain or gzip."""
    try:
        opened = gzip.open(path, "rt", encoding="utf-8") if str(path).endswith(".gz") else open(path, encoding="utf-8")
        with opened as file:
            return [json.loads(line) for line in file if line.strip()]
    except OSError as error:
        raise Failed(f"{path}: {error.strerror or error}") from None
    except ValueError as error:
        raise Failed(f"{path}: {error}") from None


def credential_file(row):
    """A labelled line with its neighbours, as a scanner meets it: (name, data, start, end) with the value's bytes."""
    before = "".join(line + "\n" for line in row["before"])
    after = "".join("\n" + line for line in row["after"])
    text, start, end = row["text"], row["value_start"], row["value_end"]
    if not (0 <= start < end) or "\n" in text:
        start, end = 0, len(text)
    offset = len(before.encode())
    place = offset + len(text[:start].encode()), offset + len(text[:end].encode())
    return Path(row["path"]).name, (before + text + after).encode(), *place
