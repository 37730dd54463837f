"""The texts are the same for the same seed, and a difference is sorted by its cause."""

from peers import differences
from peers.hostile_texts import Texts, luhn


def test_the_same_seed_draws_the_same_texts():
    assert Texts(7).draw(60) == Texts(7).draw(60)
    assert Texts(7).draw(60) != Texts(8).draw(60)


def test_texts_can_be_sent():
    for text in Texts(3).draw(400):
        text.encode("utf-8")


def test_check_digits_are_luhns():
    assert luhn("7992739871") == "79927398713"


def check(scanner, their, our, expected, params=None):
    row = {"scanner": scanner, "params": params}
    assert expected in differences.cause(row, "", their, our)


def test_causes():
    check("TokenLimit", {"raises": "ValueError"}, ["", True, -1.0], "raises ValueError")
    check("TokenLimit", ["a\ufffd", False, 1.0], ["a", False, 1.0], "U+FFFD")
    check("TokenLimit", ["a", False, 1.0], ["b", False, 1.0], differences.UNKNOWN)
    check("Regex", ["a", False, 1.0], ["b", False, 1.0], differences.UNKNOWN)
    check("Secrets", ["key ************", False, 1.0], ["key ******", False, 1.0], "replaces twice")
    check("Secrets", ["****** abc", False, 1.0], ["****** ******", False, 1.0], "a place in clear")
    check("Secrets", ["a abc", False, 1.0], ["a ******", False, 1.0], "other secrets")
    ip = "[REDACTED_IP_ADDRESS_1]"
    check("Anonymize", [ip + "1", False, 0.2], [ip, False, 0.2], "IPv6")
    check("Anonymize", ["> " + ip + "9", False, 0.2], ["10.0.0.259", True, -1.0], "over 255", {"preamble": "> "})
    check("Anonymize", ["[REDACTED_PERSON_2]", False, 0.2], ["[REDACTED_PERSON_3]", False, 0.2], "highest")
    check("Anonymize", ["a [REDACTED_PERSON_1]", False, 0.2], ["b [REDACTED_PERSON_1]", False, 0.2], differences.UNKNOWN)
    check("Sensitive", ["a", False, 0.9], ["a", False, 0.5], "another score")


def test_defects_are_told_from_matters_of_judgement():
    assert differences.is_defect("llm-guard raises ValueError")
    assert all(differences.is_defect(cause) for cause in differences.DEFECTS)
    judgement = [name for name, *_ in differences.PERSONAL if "telephone" in name]
    assert len(judgement) == 2
    for cause in [*judgement, "another score", "a secret that llm-guard does not find", differences.UNKNOWN]:
        assert not differences.is_defect(cause)
