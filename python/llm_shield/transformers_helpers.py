"""Loading of transformers' models, for scanners of one's own. The package's scanners need none of it."""

from __future__ import annotations

import functools
import importlib.util
from typing import TYPE_CHECKING, Any, Literal

from .exception import LLMGuardValidationError
from .util import device, get_logger, lazy_load_dep

if TYPE_CHECKING:
    from .model import Model

__all__ = [
    "get_tokenizer",
    "get_tokenizer_and_model_for_classification",
    "get_tokenizer_and_model_for_ner",
    "is_onnx_supported",
    "pipeline",
]

ClassificationTask = Literal["text-classification", "zero-shot-classification"]
_TASKS = ("text-classification", "zero-shot-classification")


def get_tokenizer(model: Model) -> Any:
    """The model's tokenizer."""
    transformers = lazy_load_dep("transformers")
    return transformers.AutoTokenizer.from_pretrained(model.path, revision=model.revision, **model.tokenizer_kwargs)


@functools.lru_cache(maxsize=None)
def is_onnx_supported() -> bool:
    """Whether optimum's ONNX runtime is installed."""
    try:
        supported = importlib.util.find_spec("optimum.onnxruntime") is not None
    except ModuleNotFoundError:
        supported = False
    if not supported:
        get_logger().warning("ONNX runtime is missing: pip install optimum[onnxruntime]")
    return supported


def get_tokenizer_and_model_for_classification(model: Model, use_onnx: bool = False) -> tuple[Any, Any]:
    """The tokenizer and the model that classifies texts; with PyTorch where there is no ONNX runtime."""
    return get_tokenizer(model), _load(model, use_onnx, "SequenceClassification", export=model.onnx_path is None)


def get_tokenizer_and_model_for_ner(model: Model, use_onnx: bool = False) -> tuple[Any, Any]:
    """The tokenizer and the model that finds names; with PyTorch where there is no ONNX runtime."""
    return get_tokenizer(model), _load(model, use_onnx, "TokenClassification", export=False)


def _load(model: Model, use_onnx: bool, head: str, *, export: bool) -> Any:
    if not use_onnx or not is_onnx_supported():
        loader = getattr(lazy_load_dep("transformers"), f"AutoModelFor{head}")
        return loader.from_pretrained(model.path, subfolder=model.subfolder, revision=model.revision, **model.kwargs)
    on_cuda = device().type == "cuda"
    runtime = lazy_load_dep("optimum.onnxruntime", f"optimum[onnxruntime{'-gpu' if on_cuda else ''}]")
    return getattr(runtime, f"ORTModelFor{head}").from_pretrained(
        model.onnx_path or model.path,
        export=export,
        file_name=model.onnx_filename,
        subfolder=model.onnx_subfolder,
        revision=model.onnx_revision,
        provider="CUDAExecutionProvider" if on_cuda else "CPUExecutionProvider",
        **model.kwargs,
    )


def pipeline(task: str, model: Any, tokenizer: Any, **kwargs: Any) -> Any:
    """transformers' pipeline for a task of classification, at the tokenizer's own length unless one is given."""
    if task not in _TASKS:
        raise LLMGuardValidationError(f"Invalid task. Must be one of {ClassificationTask}")
    if kwargs.get("max_length") is None:
        kwargs["max_length"] = tokenizer.model_max_length
    kwargs.setdefault("device", device())
    return lazy_load_dep("transformers").pipeline(task, model=model, tokenizer=tokenizer, **kwargs)
