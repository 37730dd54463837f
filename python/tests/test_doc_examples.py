"""The examples in the docstrings of every module."""

import doctest
import importlib
import pkgutil
import warnings

import pytest

import llm_shield
from llm_shield.exception import ScannerUnavailableError

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(llm_shield.__path__, "llm_shield.")
    if not module.name.endswith("._native")
)


class Runner(doctest.DocTestRunner):
    """Counts the scanners that say that this version lacks them; they are tested elsewhere."""

    absent = 0

    def report_unexpected_exception(self, out, test, example, exc_info):
        if issubclass(exc_info[0], ScannerUnavailableError):
            self.absent += 1
        else:
            super().report_unexpected_exception(out, test, example, exc_info)


@pytest.mark.parametrize("name", ["llm_shield", *MODULES])
def test_examples(name):
    module = importlib.import_module(name)
    runner = Runner()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for example in doctest.DocTestFinder(exclude_empty=True).find(module, name):
            runner.run(example)
    assert runner.failures == runner.absent
    if runner.absent:
        pytest.skip("the scanner is not in this version")


def test_every_scanner_and_function_has_an_example():
    without = [
        f"{name}.{attribute}"
        for name in MODULES
        for attribute, found in vars(importlib.import_module(name)).items()
        if getattr(found, "__module__", None) == name
        and isinstance(found, type)
        and hasattr(found, "scan")
        and attribute not in ("Scanner", "PythonPatterns", "InputScanner", "OutputScanner", "BanCompetitors")
        and ">>>" not in (found.__doc__ or "")
    ]
    assert not without
