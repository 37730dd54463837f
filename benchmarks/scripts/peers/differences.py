"""Why one of our answers differs from llm-guard's: the causes that docs/llm-guard-differences.md lists, told by their looks."""

import re
import unicodedata

UNKNOWN = "UNKNOWN"

IPV6_END = "the end of an IPv6 address, which llm-guard leaves in clear"
NUMBERS_GO_ON = "numbers that go on from the highest of the kind"
NO_IPV4 = "part of an IPv4 address with a number over 255, which is none"
PLACEHOLDER = "what reads like a placeholder becomes one"
HALF_A_CHARACTER = "half a character at the cut: llm-guard leaves U+FFFD"
TWELVE_STARS = "a secret that llm-guard replaces twice"
SECOND_PLACE = "a secret of which llm-guard leaves a place in clear"
OWN_PLACE = "a repair made in its own place only"

#: Where llm-guard's answer is a defect, whose mending docs/llm-guard-differences.md gives reasons for: data left in clear, a value
#: restored as another's, broken text, an exception. Differences of judgement (what is a telephone number or a secret) are not here.
DEFECTS = {IPV6_END, NUMBERS_GO_ON, NO_IPV4, PLACEHOLDER, HALF_A_CHARACTER, TWELVE_STARS, SECOND_PLACE, OWN_PLACE}


def is_defect(cause):
    """Whether a cause is a defect of llm-guard, so that the difference is intended."""
    return cause in DEFECTS or cause.startswith("llm-guard raises ")


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
        return HALF_A_CHARACTER
    return None


def secrets(row, text, their, our):
    if their[1] and not our[1]:
        return "a secret that llm-guard does not find"
    if our[1] and not their[1]:
        return "no secret by our rules"
    if re.sub(r"\*+", "*", their[0]) == re.sub(r"\*+", "*", our[0]):
        return TWELVE_STARS
    places = re.fullmatch(re.escape(our[0]).replace(re.escape("******"), r"(\*+|\S+)"), their[0])
    if places and {set(place) == {"*"} for place in places.groups()} == {True, False}:
        return SECOND_PLACE
    return "other secrets, or all of them, redacted"


def ban_substrings(row, text, their, our):
    if their[1:] == our[1:] and their[0] != our[0]:
        return "overlapping phrases, or letters that change their length in lower case, redacted otherwise"
    return None


def json_objects(row, text, their, our):
    if their[1:] == our[1:]:
        return OWN_PLACE
    return None


def replaced(kinds):
    """A pattern of what stands for a find of one of the kinds."""
    return rf"(?:\[REDACTED_(?:{kinds})_\w+\]|<(?:{kinds})>)"


# Each: what it is called, and what both texts look like without it. They are tried in order, one on top of the other.
PERSONAL = [
    (IPV6_END, replaced("IP_ADDRESS") + r"[0-9a-f:]*", "[IP]"),
    (NUMBERS_GO_ON, r"\[REDACTED_([A-Z_]+)_\d+\]", r"<\1>"),
    (NO_IPV4, r"(?:\[IP\]|\b\d+\.\d+\.\d+\.\d+)", "[IP]"),
    ("two colons behind letters, as in `a::`, an IPv6 address by its form alone", r"(?:\[IP\]|\b[0-9A-Fa-f]{0,4}::)", "[IP]"),
    ("a number in the form of both, taken for a telephone number or a social security number", replaced("US_SSN(?:_RE)?|PHONE_NUMBER"), "<NUMBER>"),
    # Only the letters outside of finds are left to compare.
    (
        "digits that only one of the two takes for a telephone number or the like, or for one of another kind",
        r"(?:<[A-Z_]+>|\[IP\]|[\W\d_])+", " ",
    ),
]


def personal(row, text, their, our):
    if "[REDACTED_PLACEHOLDER_" in our[0]:
        return PLACEHOLDER
    # The preamble stands there only if something was found.
    preamble = (row["params"] or {}).get("preamble", "")
    left, right = their[0].removeprefix(preamble), our[0].removeprefix(preamble)
    if left == right:
        return "another score" if their[1] == our[1] else "found by one of the two only (the text is not redacted)"
    for name, pattern, plain in PERSONAL:
        left, right = re.sub(pattern, plain, left), re.sub(pattern, plain, right)
        if left.strip() == right.strip():
            return name
    return None


CAUSES = {
    "InvisibleText": invisible_text,
    "TokenLimit": token_limit,
    "Secrets": secrets,
    "BanSubstrings": ban_substrings,
    "JSON": json_objects,
    "Anonymize": personal,
    "Sensitive": personal,
}
