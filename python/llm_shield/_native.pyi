"""The native part of the package."""

from collections.abc import Sequence
from typing import Any, TypedDict

class Column(TypedDict):
    offsets: bytes
    wide: bool
    data: bytes
    start: int
    length: int
    validity: bytes | None

class Vault:
    _tuples: list[tuple[str, str]]
    def __new__(cls, *args: Any, **kwargs: Any) -> Vault: ...

class Scanner:
    def _build(self, name: str, params: dict[str, Any], vault: Vault | None = None, compat: str = "mended") -> None: ...
    @property
    def available(self) -> bool: ...

class InputScanner(Scanner):
    def __new__(cls, *args: Any, **kwargs: Any) -> InputScanner: ...
    def scan(self, prompt: str) -> tuple[str, bool, float]: ...

class OutputScanner(Scanner):
    def __new__(cls, *args: Any, **kwargs: Any) -> OutputScanner: ...
    def scan(self, prompt: str, output: str) -> tuple[str, bool, float]: ...

def scan_prompt(
    scanners: Sequence[Any], prompt: str, fail_fast: bool = False
) -> tuple[str, dict[str, bool], dict[str, float]]: ...
def scan_output(
    scanners: Sequence[Any], prompt: str, output: str, fail_fast: bool = False
) -> tuple[str, dict[str, bool], dict[str, float]]: ...
def scan_prompt_batch(
    scanners: Sequence[Any], prompts: Sequence[str], fail_fast: bool = False, workers: int | None = None
) -> list[tuple[str, dict[str, bool], dict[str, float]]]: ...
def scan_output_batch(
    scanners: Sequence[Any],
    prompts: Sequence[str],
    outputs: Sequence[str],
    fail_fast: bool = False,
    workers: int | None = None,
) -> list[tuple[str, dict[str, bool], dict[str, float]]]: ...
def scans_columns(scanners: Sequence[Any], is_output: bool) -> bool: ...
def scan_column(
    scanners: Sequence[Any],
    texts: Column,
    prompts: Column | None = None,
    fail_fast: bool = False,
    workers: int | None = None,
) -> tuple[bytes, bytes, tuple[bytes, bytes, bytes], list[tuple[str, tuple[bytes, bytes, bytes]]]]: ...
