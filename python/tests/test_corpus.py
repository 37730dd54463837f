"""The cases of `testdata/scanners`, which drive every door, through the Python classes and both scan functions."""

import tomllib

import pytest
from conftest import REPOSITORY

import llm_shield
from llm_shield import input_scanners, output_scanners
from llm_shield.util import extract_urls
from llm_shield.vault import Vault

CASES = REPOSITORY / "testdata/scanners"
WITH_VAULT = {"Anonymize", "Deanonymize"}


def classes(module):
    """The classes by their names without case, as the files' names spell them without underscores."""
    return {name.lower(): getattr(module, name) for name in module.__all__ if name[0].isupper()}


def cases():
    """One parameter a case."""
    sides = {"prompt": classes(input_scanners), "output": classes(output_scanners)}
    for path in sorted(CASES.glob("*.toml")):
        file = tomllib.loads(path.read_text("utf-8"))
        name = file.get("scanner", path.stem.replace("_", "")).lower()
        for case in file["case"]:
            # Without a side, a case is about the scanner of prompts, if there is one; some defaults differ.
            side = case.get("side", "prompt" if name in sides["prompt"] else "output")
            yield pytest.param(side, sides[side][name], case, id=f"{path.stem}: {case['name']}")


@pytest.mark.parametrize("side, scanner_class, case", list(cases()))
def test_case(side, scanner_class, case, monkeypatch):
    if "compat" in case:
        monkeypatch.setenv("LLM_SHIELD_COMPAT", case["compat"])
    text = case["text"] * case.get("repeat", 1)
    vault = Vault([tuple(pair) for pair in case.get("vault", [])])
    arguments = (vault,) if scanner_class.__name__ in WITH_VAULT else ()
    scanner = scanner_class(*arguments, **case.get("params", {}))
    if not scanner.available:
        pytest.skip(f"{scanner_class.__name__} is not in this version")
    if scanner_class.__name__ == "URLReachability" and extract_urls(text):
        pytest.skip("the hosts of these cases are known to a stand-in for the network, which Python cannot hand in")
    if side == "prompt":
        sanitized, valid, risk = llm_shield.scan_prompt([scanner], text)
    else:
        sanitized, valid, risk = llm_shield.scan_output([scanner], case.get("prompt", ""), text)
    name = scanner_class.__name__
    assert valid.get(name, True) is case["valid"]
    assert risk.get(name, -1.0) == case["risk"]
    if case["valid"]:
        assert sanitized == case.get("sanitized", text)
    elif "sanitized" in case:
        assert sanitized == case["sanitized"]
    if "pairs" in case:
        assert vault.get() == [tuple(pair) for pair in case["pairs"]]
    if text.strip():
        again = Vault([tuple(pair) for pair in case.get("vault", [])])
        scanner = scanner_class(*((again,) if arguments else ()), **case.get("params", {}))
        alone = scanner.scan(text) if side == "prompt" else scanner.scan(case.get("prompt", ""), text)
        assert alone == (sanitized, valid[name], risk[name])


def test_there_are_cases():
    assert len(list(cases())) >= 160
