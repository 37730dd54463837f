"""Many texts at once: the same results as one by one."""

import multiprocessing
import random
import threading
import _thread

import pytest

from llm_shield import scan_output, scan_output_batch, scan_prompt, scan_prompt_batch
from llm_shield.exception import ScanError, ScannerUnavailableError
from llm_shield.input_scanners import Anonymize, BanSubstrings, BanTopics, InvisibleText, Regex, Secrets, TokenLimit
from llm_shield.output_scanners import BanSubstrings as OutputBanSubstrings, Deanonymize, Sensitive
from llm_shield.vault import Vault

WORDS = ["hello", "ransomware", "ann@mail.com", "ORD-123456", "é", "\u200b", "", " ", "a\ud800b", "🔓", "token", "\n"]


def texts(count, seed=1):
    drawn = random.Random(seed)
    return [" ".join(drawn.choices(WORDS, k=drawn.randint(0, 30))) for _ in range(count)]


class Exclaim:
    """A scanner that is written in Python and remembers what it saw."""

    def __init__(self):
        self.seen = []

    def scan(self, prompt):
        self.seen.append(prompt)
        return prompt + "!", len(prompt) < 60, 0.5


def scanners(vault):
    """Native scanners about one with a vault and one in Python."""
    return [
        InvisibleText(),
        BanSubstrings(["ransomware"], redact=True),
        Anonymize(vault),
        Exclaim(),
        Regex([r"ORD-[0-9]+"]),
        Secrets(),
        TokenLimit(limit=40),
    ]


@pytest.mark.parametrize("fail_fast", [False, True])
@pytest.mark.parametrize("workers", [None, 1, 3, 64])
def test_a_batch_is_what_one_by_one_is(fail_fast, workers):
    batch, single = Vault(), Vault()
    prompts = texts(1000)
    together, alone = scanners(batch), scanners(single)
    results = scan_prompt_batch(together, prompts, fail_fast, workers=workers)
    assert results == [scan_prompt(alone, prompt, fail_fast) for prompt in prompts]
    assert batch.get() == single.get()
    assert together[3].seen == alone[3].seen


def test_two_scanners_with_a_vault_keep_the_order_of_the_texts():
    batch, single = Vault(), Vault()
    prompts = texts(60)
    results = scan_prompt_batch([Anonymize(batch), InvisibleText(), Anonymize(batch)], prompts)
    assert results == [scan_prompt([Anonymize(single), InvisibleText(), Anonymize(single)], text) for text in prompts]


def test_outputs_and_their_prompts():
    vault = Vault([("[REDACTED_PERSON_1]", "Ann")])
    outputs = [*texts(500, seed=2), None]
    prompts = texts(501, seed=3)
    scanners = [Sensitive(redact=True), OutputBanSubstrings(["token"]), Deanonymize(vault)]
    expected = [scan_output(scanners, prompt, output) for prompt, output in zip(prompts, outputs)]
    assert scan_output_batch(scanners, prompts, outputs) == expected
    with pytest.raises(ValueError, match="2 prompts and 1 outputs"):
        scan_output_batch(scanners, ["a", "b"], ["c"])


def test_edges():
    assert scan_prompt_batch([InvisibleText()], []) == []
    assert scan_prompt_batch([], ["a", "b"]) == [("a", {}, {}), ("b", {}, {})]
    with pytest.raises(ValueError, match="at least 1"):
        scan_prompt_batch([InvisibleText()], ["a"], workers=0)
    with pytest.raises(TypeError, match="must be a str"):
        scan_prompt_batch([InvisibleText()], ["a", b"b"])
    with pytest.raises(TypeError):
        scan_prompt_batch([InvisibleText()], "abc")


def test_a_failure_names_the_text():
    vault = Vault()
    vault.extend([(f"[A_{number}]", "x") for number in range(9999)])
    with pytest.raises(ScanError, match="Anonymize"):
        scan_prompt_batch([Anonymize(vault)], ["a@b.io", "c@d.io e@f.io"])
    with pytest.raises(ScannerUnavailableError):
        scan_prompt_batch([BanTopics(["x"])], ["text"] * 10)


def test_an_interrupt_ends_a_batch():
    prompts = ["password = hunter2 or other words " * 300] * 40_000
    timer = threading.Timer(0.5, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        scan_prompt_batch([Secrets()], prompts)
    timer.cancel()


def _scan(text):
    return scan_prompt_batch([InvisibleText(), Secrets()], [text * 2000] * 20, workers=2)[0][1]


def test_processes_that_were_forked_scan_too():
    expected = _scan("hello ")
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(_scan, ["hello "] * 4, chunksize=1) == [expected] * 4
