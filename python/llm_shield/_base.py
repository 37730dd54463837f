"""What all scanners of the package share: they are built from a name and parameters, and they can be pickled."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any

from . import _native

if TYPE_CHECKING:
    from .model import Model
    from .vault import Vault


def _rebuild(cls: type[_Built], state: dict[str, Any]) -> _Built:
    scanner = cls.__new__(cls)
    scanner.__dict__.update(state)
    scanner._restore()
    return scanner


class _Built:
    """A scanner that the engine has built; its parameters are kept for ``repr`` and for other processes."""

    _entry: tuple[str, dict[str, Any], Vault | None]

    def _make(self, name: str, *, vault: Vault | None = None, **params: Any) -> None:
        self._entry = (name, params, vault)
        self._restore()

    def _restore(self) -> None:
        compat = os.environ.get("LLM_SHIELD_COMPAT", "mended")
        self._build(*self._entry, compat)  # type: ignore[attr-defined]

    def __reduce__(self) -> tuple[Any, ...]:
        # A `scan` that stands in the place of the class's own is put there anew.
        return _rebuild, (type(self), {name: value for name, value in self.__dict__.items() if name != "scan"})

    def __repr__(self) -> str:
        entry = self.__dict__.get("_entry")
        params = ", ".join(f"{name}={value!r}" for name, value in entry[1].items()) if entry else "not built"
        return f"{type(self).__name__}({params})"


class InputScanner(_Built, _native.InputScanner):
    """A scanner of prompts that runs natively."""


class OutputScanner(_Built, _native.OutputScanner):
    """A scanner of outputs that runs natively."""


def own_detector(scanner: object, model: Model | None = None, use_onnx: bool = False, **others: Any) -> None:
    """Says aloud which of llm-guard's choices between models and runtimes have no effect here."""
    chosen = {"model": model, "use_onnx": use_onnx or None, **others}
    for name, value in chosen.items():
        if value is not None:
            warnings.warn(
                f"{type(scanner).__name__}: `{name}` has no effect: the detector is LLM Shield's own",
                UserWarning,
                stacklevel=3,
            )
