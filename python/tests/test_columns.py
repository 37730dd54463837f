"""Columns of Arrow, pandas and Polars: the same results as lists."""

import pytest
from test_batch import Exclaim, texts

from llm_shield import scan_output, scan_prompt
from llm_shield.input_scanners import Anonymize, BanSubstrings, InvisibleText, Secrets
from llm_shield.output_scanners import BanSubstrings as OutputBanSubstrings, Sensitive
from llm_shield.vault import Vault

pa = pytest.importorskip("pyarrow")
arrow = pytest.importorskip("llm_shield.arrow")

NATIVE = [InvisibleText(), BanSubstrings(["ransomware"], redact=True), Secrets()]


def column(count=2000, seed=5):
    """Texts as Arrow can hold them, with nulls among them."""
    drawn = [text.replace("\ud800", "") for text in texts(count, seed)]
    return [None if place % 7 == 3 else text for place, text in enumerate(drawn)]


def expected_rows(scan, read):
    """The rows that `scan`, a function of one text, leads to."""
    rows = []
    for text in read:
        sanitized, valid, risk = scan(text) if text is not None else (None, {}, {})
        row = {
            "sanitized": sanitized,
            "is_valid": None if text is None else all(valid.values()),
            "risk_score": max(risk.values(), default=None),
        }
        row |= {f"is_valid_{name}": value for name, value in valid.items()}
        rows.append(row | {f"risk_score_{name}": value for name, value in risk.items()})
    return rows


def rows(table):
    """The rows of a table, without what is null beyond the first three columns."""
    first = ("sanitized", "is_valid", "risk_score")
    return [
        {name: value for name, value in row.items() if value is not None or name in first} for row in table.to_pylist()
    ]


@pytest.mark.parametrize("fail_fast", [False, True])
@pytest.mark.parametrize(
    "make",
    [
        pa.array,
        lambda read: pa.array(read, pa.large_string()),
        lambda read: pa.array(["x", None, *read, "y"])[2:-1],
        lambda read: pa.chunked_array([read[:10], [], read[10:]], pa.string()),
        lambda read: pa.array(read, pa.string_view()),
    ],
    ids=["string", "large", "slice", "chunks", "view"],
)
def test_arrow(make, fail_fast):
    read = column()
    scanned = arrow.scan_prompts(NATIVE, make(read), fail_fast=fail_fast)
    assert rows(scanned) == expected_rows(lambda text: scan_prompt(NATIVE, text, fail_fast), read)
    assert scanned.column_names[:3] == ["sanitized", "is_valid", "risk_score"]
    assert scanned.schema.field("sanitized").type == make(read).type
    assert all(chunk.validate(full=True) is None for name in scanned.column_names for chunk in scanned[name].chunks)


def test_scanners_in_python_and_with_a_vault():
    read = column(100)
    batch, single = Vault(), Vault()
    scanned = arrow.scan_prompts([Anonymize(batch), Exclaim()], pa.array(read))
    assert rows(scanned) == expected_rows(lambda text: scan_prompt([Anonymize(single), Exclaim()], text), read)


def test_of_two_scanners_of_one_class_the_worse_verdict_stands():
    for scanners in ([BanSubstrings(["a"]), BanSubstrings(["z"])], [BanSubstrings(["z"]), BanSubstrings(["a"])]):
        scanned = arrow.scan_prompts(scanners, pa.array(["a", "b"]))
        assert scanned["is_valid_BanSubstrings"].to_pylist() == scanned["is_valid"].to_pylist() == [False, True]
        assert scanned["risk_score_BanSubstrings"].to_pylist() == [1.0, -1.0]


def test_outputs():
    prompts, outputs = column(300, seed=6), column(300, seed=7)
    scanners = [Sensitive(redact=True), OutputBanSubstrings(["token"])]
    scanned = arrow.scan_outputs(scanners, pa.array(prompts), pa.array(outputs))
    answers = iter(prompts)
    expected = expected_rows(lambda text: scan_output(scanners, "", text), outputs)
    assert rows(scanned) == expected and len(list(answers)) == 300
    with pytest.raises(ValueError, match="1 prompts and 2 outputs"):
        arrow.scan_outputs(scanners, pa.array(["a"]), pa.array(["b", "c"]))


@pytest.mark.parametrize("empty", [pa.array([], pa.string()), pa.chunked_array([], pa.string()), pa.nulls(3), pa.nulls(0)])
def test_columns_with_nothing_in_them(empty):
    scanned = arrow.scan_prompts(NATIVE, empty)
    assert scanned.num_rows == len(empty)
    assert scanned["sanitized"].null_count == len(empty)
    assert arrow.scan_prompts([], pa.array(["a", None]))["is_valid"].to_pylist() == [True, None]


def test_what_is_no_column_of_strings_is_an_error():
    with pytest.raises(TypeError, match="strings"):
        arrow.scan_prompts(NATIVE, pa.array([1, 2]))


def test_pandas():
    pd = pytest.importorskip("pandas")
    frames = pytest.importorskip("llm_shield.pandas")
    series = pd.Series(["hello", None, "ransomware"], index=["a", "b", "c"])
    scanned = frames.scan_prompts(NATIVE, series)
    assert list(scanned.index) == ["a", "b", "c"]
    assert scanned["sanitized"]["c"] == "[REDACTED]" and pd.isna(scanned["sanitized"]["b"])
    assert scanned["is_valid"].tolist() == [True, None, False]
    outputs = frames.scan_outputs([Sensitive(redact=True)], series, pd.Series(["ann@mail.com", "x", None]))
    assert outputs["sanitized"][0] == "<EMAIL_ADDRESS>"


def test_polars():
    pl = pytest.importorskip("polars")
    frames = pytest.importorskip("llm_shield.polars")
    series = pl.Series(["hello", None, "ransomware"])
    scanned = frames.scan_prompts(NATIVE, series)
    assert scanned["sanitized"].to_list() == ["hello", None, "[REDACTED]"]
    assert scanned["risk_score_BanSubstrings"].to_list() == [-1.0, None, 1.0]
    assert frames.scan_outputs([Sensitive()], series, series)["is_valid"].to_list() == [True, None, True]
