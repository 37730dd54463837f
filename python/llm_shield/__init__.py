"""A guard for language models: scans prompts and outputs, says what it found, redacts it.

The modules, classes and functions have the names, parameters and results of llm-guard, so that a program moves over by
its imports. The scanners run natively, without the interpreter's lock.

>>> from llm_shield import scan_prompt
>>> from llm_shield.input_scanners import BanSubstrings, Secrets
>>> scanners = [BanSubstrings(["project aurora"], redact=True), Secrets()]
>>> scan_prompt(scanners, "What is Project Aurora?")
('What is [REDACTED]?', {'BanSubstrings': False, 'Secrets': True}, {'BanSubstrings': 1.0, 'Secrets': -1.0})
"""

from .evaluate import scan_output, scan_output_batch, scan_prompt, scan_prompt_batch

__all__ = ["scan_output", "scan_output_batch", "scan_prompt", "scan_prompt_batch"]
