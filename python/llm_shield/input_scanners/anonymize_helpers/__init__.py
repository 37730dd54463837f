"""What llm-guard's ``Anonymize`` is made of, as far as a program can use it here."""

from __future__ import annotations

from typing import NoReturn

from .ner_mapping import (
    BERT_BASE_NER_CONF,
    BERT_LARGE_NER_CONF,
    BERT_ZH_NER_CONF,
    DEBERTA_AI4PRIVACY_v2_CONF,
    DEBERTA_LAKSHYAKH93_CONF,
    DISTILBERT_AI4PRIVACY_v2_CONF,
    MDEBERTA_AI4PRIVACY_v2_CONF,
)
from .regex_patterns import get_regex_patterns

__all__ = [
    "BERT_BASE_NER_CONF",
    "BERT_LARGE_NER_CONF",
    "BERT_ZH_NER_CONF",
    "DEBERTA_AI4PRIVACY_v2_CONF",
    "DEBERTA_LAKSHYAKH93_CONF",
    "DISTILBERT_AI4PRIVACY_v2_CONF",
    "MDEBERTA_AI4PRIVACY_v2_CONF",
    "get_regex_patterns",
]

_ABSENT = ("get_analyzer", "get_fake_value", "get_transformers_recognizer")


def __getattr__(name: str) -> NoReturn:
    if name in _ABSENT:
        raise ImportError(
            f"{name} hands out parts of presidio and Faker, on which LLM Shield does not build: use "
            "`llm_shield.input_scanners.Anonymize` and `llm_shield.output_scanners.Sensitive`"
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
