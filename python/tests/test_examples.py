"""The examples as a reader would run them."""

import re
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "script, needs", [("daft_scan", "daft"), ("ray_scan", "ray.data"), ("spark_scan", "pyspark.sql")]
)
def test_a_data_set_of_100_000_rows(script, needs, repository):
    if subprocess.run([sys.executable, "-c", f"import {needs}, pyarrow"], capture_output=True).returncode:
        pytest.skip(f"{needs} is not installed")
    path = repository / f"python/examples/{script}.py"
    done = subprocess.run([sys.executable, path, "100000"], capture_output=True, text=True, cwd=path.parent, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    last = done.stdout.strip().splitlines()[-1]
    found = re.fullmatch(r"100000 rows, 20000 refused, (\d+) rows/s", last)
    assert found, last
    assert int(found[1]) > 0
    print(f"{script}: {last}")


def test_the_readmes_code_runs(repository):
    text = (repository / "python/README.md").read_text("utf-8")
    first, batch, *_ = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names = {"prompts": ["hello"]}
    exec(first + batch, names)  # noqa: S102
    expected = re.findall(r"^# '(.*)'$", first, re.MULTILINE)
    assert names["answer"] == expected[1]
    assert names["vault"].get() == [("[REDACTED_EMAIL_ADDRESS_1]", "ann@mail.com")]
    assert names["results"][0][1] == {"Anonymize": True, "BanSubstrings": True, "Secrets": True, "PromptInjection": True}
    from llm_shield import scan_prompt

    prompt, valid, _ = scan_prompt(names["scanners"], "Write to ann@mail.com about the delay")
    assert repr(prompt) == f"'{expected[0]}'" and f"# {valid}" in first
