"""llm-guard's description of a model. Here it names what a program asked for; the detectors are the package's own."""

from __future__ import annotations

import dataclasses
from typing import Any

__all__ = ["Model"]


@dataclasses.dataclass
class Model:
    """Where a model comes from and how it is loaded; ``str(model)`` is its path.

    >>> str(Model("acme/detector", onnx_subfolder="onnx"))
    'acme/detector'
    """

    path: str
    subfolder: str = ""
    revision: str | None = None
    onnx_path: str | None = None
    onnx_revision: str | None = None
    onnx_subfolder: str = ""
    onnx_filename: str = "model.onnx"
    kwargs: dict[str, Any] = dataclasses.field(default_factory=dict)
    pipeline_kwargs: dict[str, Any] = dataclasses.field(default_factory=dict)
    tokenizer_kwargs: dict[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        # Without llm-guard's `device`, which takes importing torch to know; `transformers_helpers.pipeline` adds it.
        self.pipeline_kwargs = {"batch_size": 1, **self.pipeline_kwargs}

    def __str__(self) -> str:
        return self.path
