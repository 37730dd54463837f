"""The functions for asyncio."""

import asyncio
import time

from llm_shield import aio
from llm_shield.input_scanners import Anonymize, BanSubstrings
from llm_shield.output_scanners import BanSubstrings as OutputBanSubstrings, Deanonymize
from llm_shield.vault import Vault


class Slow:
    """A scanner that is written in Python and takes its time."""

    def scan(self, prompt):
        time.sleep(0.2)
        return prompt, True, -1.0


def test_all_of_them():
    async def main():
        vault = Vault()
        prompt, _, _ = await aio.scan_prompt([Anonymize(vault), BanSubstrings(["x"])], "mail a@b.io")
        output, _, _ = await aio.scan_output([Deanonymize(vault)], prompt, prompt)
        batch = await aio.scan_prompt_batch([BanSubstrings(["x"])], ["x", "y"], workers=1)
        answers = await aio.scan_output_batch([OutputBanSubstrings(["x"])], ["", ""], ["x", "y"])
        long = await aio.scan_prompt([BanSubstrings(["x"])], "y" * 100_000)
        assert await aio.scan_output([OutputBanSubstrings(["x"])], "", None) == (None, {}, {})
        return prompt, output, [list(valid.values()) for _, valid, _ in [*batch, *answers, long]]

    prompt, output, verdicts = asyncio.run(main())
    assert (prompt, output) == ("mail [REDACTED_EMAIL_ADDRESS_1]", "mail a@b.io")
    assert verdicts == [[False], [True], [False], [True], [True]]


def test_the_loop_goes_on_while_a_slow_scanner_works():
    async def main():
        ticks = 0
        scan = asyncio.ensure_future(aio.scan_prompt([Slow()], "x"))
        while not scan.done():
            await asyncio.sleep(0.005)
            ticks += 1
        return ticks

    assert asyncio.run(main()) > 5
