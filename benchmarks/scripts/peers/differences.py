"""Why one of our answers differs from llm-guard's: the causes that docs/llm-guard-differences.md lists, told by their looks."""

import re
import unicodedata

UNKNOWN = "UNKNOWN"


def cause(row, text, their, our):
    """The cause of a difference. An answer is [text, valid, risk] or {"raises": why}."""
    if isinstance(their, dict):
        return f"llm-guard raises {their['raises']}"
    if isinstance(our, dict):
        return UNKNOWN
    known = CAUSES.get(row["scanner"], lambda *_: None)(row, text, their, our)
    return known or UNKNOWN


def invisible_text(row, text, their, our):
    # Assigned in one version of Unicode and not in the other.
    changed = set(their[0]) ^ set(our[0])
    if changed and all(unicodedata.category(character) == "Cn" for character in changed):
        return "characters assigned by a newer Unicode"
    return None


def token_limit(row, text, their, our):
    if their[1:] == our[1:] and "\ufffd" in their[0] and their[0].rstrip("\ufffd") == our[0]:
        return "half a character at the cut: llm-guard leaves U+FFFD"
    return None


def secrets(row, text, their, our):
    if their[1] and not our[1]:
        return "a secret that llm-guard does not find"
    if our[1] and not their[1]:
        return "no secret by our rules"
    return "other secrets, or all of them, redacted"


def ban_substrings(row, text, their, our):
    if their[1:] == our[1:] and their[0] != our[0]:
        return "overlapping phrases, or letters that change their length in lower case, redacted otherwise"
    return None


def json_objects(row, text, their, our):
    if their[1:] == our[1:]:
        return "a repair made in its own place only"
    return None


PLACEHOLDER = re.compile(r"\[REDACTED_([A-Z_]+)_\d+\]")
# Each: what it is called, and how both texts look without it.
PERSONAL = [
    ("the end of an IPv6 address, which llm-guard leaves in clear", lambda text: re.sub(r"((?:REDACTED_IP_ADDRESS_\d+\]|<IP_ADDRESS>))[0-9a-f:]+", r"\1", text)),
    ("numbers that go on from the highest of the kind", lambda text: PLACEHOLDER.sub(r"[REDACTED_\1_N]", text)),
    ("digits that only one of the two takes for a telephone number", lambda text: re.sub(r"\[REDACTED_PHONE_NUMBER_\w+\]|<PHONE_NUMBER>|\+?\(?\d[\d ().-]{5,}\d|\d+", "0", text)),
    ("a number in the form of both, taken for a telephone number or a social security number", lambda text: re.sub(r"US_SSN(_RE)?|PHONE_NUMBER", "NUMBER", text)),
]


def personal(row, text, their, our):
    if "[REDACTED_PLACEHOLDER_" in our[0]:
        return "what reads like a placeholder becomes one"
    causes, left, right = [], their[0], our[0]
    for name, without in PERSONAL:
        if left == right:
            break
        before, (left, right) = (left, right), (without(left), without(right))
        if before != (left, right):
            causes.append(name)
    if left != right:
        return None
    if not causes:
        return "the score of a find, of the same kind at the same place"
    return causes[-1]


CAUSES = {
    "InvisibleText": invisible_text,
    "TokenLimit": token_limit,
    "Secrets": secrets,
    "BanSubstrings": ban_substrings,
    "JSON": json_objects,
    "Anonymize": personal,
    "Sensitive": personal,
}
