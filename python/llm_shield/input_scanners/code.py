"""Code in a prompt, of languages that are banned or the only ones allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._base import InputScanner, own_detector
from ..exception import LLMGuardValidationError
from ..model import Model

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DEFAULT_MODEL", "SUPPORTED_LANGUAGES", "Code"]

#: llm-guard's model, by which programs choose one; it is not loaded here.
DEFAULT_MODEL = Model(
    "philomath-1209/programming-language-identification",
    onnx_path="philomath-1209/programming-language-identification",
    onnx_subfolder="onnx",
)
#: llm-guard's languages.
SUPPORTED_LANGUAGES = [
    "ARM Assembly",
    "AppleScript",
    "C",
    "C#",
    "C++",
    "COBOL",
    "Erlang",
    "Fortran",
    "Go",
    "Java",
    "JavaScript",
    "Kotlin",
    "Lua",
    "Mathematica/Wolfram Language",
    "PHP",
    "Pascal",
    "Perl",
    "PowerShell",
    "Python",
    "R",
    "Ruby",
    "Rust",
    "Scala",
    "Swift",
    "Visual Basic .NET",
    "jq",
]

#: Languages that a list may name beside llm-guard's.
_MORE_LANGUAGES = [
    "Assembly",
    "CSS",
    "Dart",
    "Dockerfile",
    "Elixir",
    "HTML",
    "Haskell",
    "JSON",
    "MATLAB",
    "Makefile",
    "Objective-C",
    "SQL",
    "Shell",
    "TypeScript",
    "YAML",
]


def known_languages(languages: Sequence[str]) -> list[str]:
    """The languages, each of them known."""
    if not set(languages) <= {*SUPPORTED_LANGUAGES, *_MORE_LANGUAGES}:
        raise LLMGuardValidationError(f"Languages must be a subset of {SUPPORTED_LANGUAGES}")
    return list(languages)


class Code(InputScanner):
    """Refuses prompts with code in one of ``languages`` or, with ``is_blocked=False``, prompts without.

    >>> Code(["Python"]).scan("")
    ('', True, -1.0)
    """

    def __init__(
        self,
        languages: Sequence[str],
        *,
        model: Model | None = None,
        is_blocked: bool = True,
        threshold: float = 0.5,
        use_onnx: bool = False,
    ) -> None:
        """
        Args:
            languages: Names out of :data:`SUPPORTED_LANGUAGES`.
            model: No effect, with a warning.
            is_blocked: Whether code in these languages is refused or the only code allowed.
            threshold: Scores from it on count.
            use_onnx: No effect, with a warning.
        """
        own_detector(self, model, use_onnx)
        self._make("Code", languages=known_languages(languages), is_blocked=is_blocked, threshold=threshold)
