"""The vault: llm-guard's live list on one side, the engine's on the other."""

import pickle
import threading

import pytest

from llm_shield import scan_output, scan_prompt
from llm_shield.input_scanners import Anonymize, BanSubstrings
from llm_shield.output_scanners import Deanonymize
from llm_shield.output_scanners.deanonymize import MatchingStrategy
from llm_shield.vault import Vault


def test_the_methods_are_llm_guards():
    pairs = [("[A_1]", "x")]
    vault = Vault(pairs)
    assert vault.get() is pairs and vault._tuples is pairs
    vault.append(("[A_2]", "y"))
    vault.extend([("[A_3]", "z")])
    vault.remove(("[A_1]", "x"))
    assert pairs == [("[A_2]", "y"), ("[A_3]", "z")]
    assert vault.placeholder_exists("[A_3]") and not vault.placeholder_exists("[A_1]")
    with pytest.raises(ValueError):
        vault.remove(("[A_1]", "x"))
    assert "y" not in repr(vault)
    assert pickle.loads(pickle.dumps(vault)).get() == pairs


def test_there_and_back():
    vault = Vault()
    prompt, valid, risk = scan_prompt([BanSubstrings(["zzz"]), Anonymize(vault)], "mail ann@mail.com and bob@mail.com")
    assert valid == {"BanSubstrings": True, "Anonymize": False} and risk["Anonymize"] == 1.0
    assert prompt == "mail [REDACTED_EMAIL_ADDRESS_1] and [REDACTED_EMAIL_ADDRESS_2]"
    output, valid, _ = scan_output([Deanonymize(vault)], prompt, "[REDACTED_EMAIL_ADDRESS_2] has answered")
    assert (output, valid) == ("bob@mail.com has answered", {"Deanonymize": True})


def test_what_a_program_does_to_the_list_counts():
    vault = Vault()
    scanner = Anonymize(vault)
    restore = Deanonymize(vault)
    scanner.scan("ann@mail.com")
    vault.get().append(("[REDACTED_EMAIL_ADDRESS_5]", "eve@mail.com"))
    assert scanner.scan("bob@mail.com")[0] == "[REDACTED_EMAIL_ADDRESS_6]"
    assert scanner.scan("eve@mail.com")[0] == "[REDACTED_EMAIL_ADDRESS_5]"
    vault.remove(("[REDACTED_EMAIL_ADDRESS_1]", "ann@mail.com"))
    assert restore.scan("", "[REDACTED_EMAIL_ADDRESS_1]")[0] == "[REDACTED_EMAIL_ADDRESS_1]"
    vault.get()[0] = ("[REDACTED_EMAIL_ADDRESS_5]", "new@mail.com")
    assert restore.scan("", "[REDACTED_EMAIL_ADDRESS_5]")[0] == "new@mail.com"
    vault.get().clear()
    assert scanner.scan("zoe@mail.com")[0] == "[REDACTED_EMAIL_ADDRESS_1]"
    vault._tuples = [("[REDACTED_EMAIL_ADDRESS_1]", "kim@mail.com")]
    assert restore.scan("", "[REDACTED_EMAIL_ADDRESS_1]")[0] == "kim@mail.com"


def test_of_two_values_for_one_placeholder_the_first_comes_back():
    vault = Vault([("[A_1]", "x"), ("[A_1]", "y")])
    assert Deanonymize(vault).scan("", "[A_1]")[0] == "x"


@pytest.mark.parametrize(
    "pairs, error, text",
    [
        ([("[A_1]",)], TypeError, "entry 0 of the vault is not a pair of two strings"),
        ([("[A_1]", 3)], TypeError, "entry 0"),
        ([("a", "b"), ("", "x")], ValueError, "entry 1 of the vault has an empty placeholder"),
    ],
)
def test_what_is_no_vault_is_an_error(pairs, error, text):
    with pytest.raises(error, match=text):
        Deanonymize(Vault(pairs)).scan("", "x")


def test_no_other_object_is_a_vault():
    with pytest.raises(TypeError):
        Anonymize([])


@pytest.mark.parametrize("strategy", list(MatchingStrategy))
def test_strategies(strategy):
    vault = Vault([("[REDACTED_PERSON_1]", "Ann"), ("[REDACTED_PERSON_2]", "Bob")])
    assert Deanonymize(vault, matching_strategy=strategy).scan("", "[REDACTED_PERSON_2]!")[0] == "Bob!"
    nearly = Deanonymize(vault, matching_strategy=strategy).scan("", "[redacted person 1]")[0]
    assert (nearly == "Ann") is (strategy in (MatchingStrategy.FUZZY, MatchingStrategy.COMBINED_EXACT_FUZZY))


def test_threads_number_no_two_values_alike():
    vault = Vault()
    scanner = Anonymize(vault)

    def work(thread):
        for number in range(50):
            scanner.scan(f"mail t{thread}n{number}@mail.com or shared@mail.com")

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    placeholders = [placeholder for placeholder, _ in vault.get()]
    assert len(placeholders) == len(set(placeholders)) == 401
    assert len({original for _, original in vault.get()}) == 401


def test_what_is_taken_out_comes_back_whatever_the_text():
    vault = Vault()
    scanner, restore = Anonymize(vault), Deanonymize(vault)
    for text in ["[REDACTED_EMAIL_ADDRESS_1] a@b.io", "a@b.io a@b.io", "é a@b.io ü", "ip 10.1.2.3, mail a@b.io."]:
        assert restore.scan("", scanner.scan(text)[0])[0] == text


def test_a_list_that_was_wrong_and_is_mended_counts_anew():
    vault = Vault([("[A_1]", "x"), ("[A_2]", "y")])
    restore = Deanonymize(vault)
    assert restore.scan("", "[A_1][A_2]")[0] == "xy"
    vault.extend([("[A_3]", "z"), 7])
    with pytest.raises(TypeError, match="entry 3"):
        restore.scan("", "[A_1]")
    vault.get()[:] = [("[A_2]", "w")]
    assert restore.scan("", "[A_1][A_2][A_3]")[0] == "[A_1]w[A_3]"


def test_a_prompt_may_be_unknown():
    assert scan_output([Deanonymize(Vault())], None, "x") == ("x", {"Deanonymize": True}, {"Deanonymize": -1.0})
