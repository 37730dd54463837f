"""Patterns for ``Anonymize`` and ``Sensitive``: the built-in groups by name, and the form of one's own."""

from __future__ import annotations

from typing import Any, TypedDict

__all__ = ["DEFAULT_REGEX_PATTERNS", "RegexPattern", "RegexPatterns", "get_regex_patterns"]

RegexPatterns = dict[str, Any]


class RegexPattern(TypedDict):
    """A group with every field."""

    name: str
    expressions: list[str]
    context: list[str]
    score: float
    languages: list[str]
    reuse: dict[str, str] | None


# The groups, and the languages in which they take part beside English.
_GROUPS = {
    "CREDIT_CARD_RE": ["en", "zh"],
    "UUID": ["en", "zh"],
    "EMAIL_ADDRESS_RE": ["en", "zh"],
    "US_SSN_RE": ["en"],
    "BTC_ADDRESS": ["en"],
    "URL_RE": ["en"],
    "CREDIT_CARD": ["zh"],
    "PHONE_NUMBER_ZH": ["zh"],
    "PHONE_NUMBER_WITH_EXT": ["en"],
    "DATE_RE": ["en"],
    "TIME_RE": ["en"],
    "HEX_COLOR": ["en"],
    "PRICE_RE": ["en"],
    "PO_BOX_RE": ["en"],
}

#: The built-in groups. They have no expressions, since they are no regular expressions here; a program may extend or
#: shorten the list and pass it on as ``regex_patterns``.
DEFAULT_REGEX_PATTERNS: list[RegexPatterns] = [
    {"name": name, "languages": languages, "reuse": {"language": "en", "name": name}}
    for name, languages in _GROUPS.items()
]


def get_regex_patterns(regex_patterns: list[RegexPatterns] | None = None) -> list[RegexPattern]:
    """The groups with every field: names in upper case, defaults filled in.

    >>> get_regex_patterns([{"name": "order", "expressions": ["ORD-[0-9]+"]}])[0]["score"]
    0.75
    """
    return [
        {
            "name": group["name"].upper(),
            "expressions": group.get("expressions", []),
            "context": group.get("context", []),
            "score": group.get("score", 0.75),
            "languages": group.get("languages", ["en"]),
            "reuse": group.get("reuse"),
        }
        for group in regex_patterns or DEFAULT_REGEX_PATTERNS
    ]
