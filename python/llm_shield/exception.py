"""What the package raises beside Python's own exceptions."""


class LLMGuardValidationError(ValueError):
    """A parameter has a value that it cannot have; the name is llm-guard's."""


class ScanError(RuntimeError):
    """A scanner could not decide on a text: the text must not go on."""


class ScannerUnavailableError(ScanError, NotImplementedError):
    """The scanner has a name here but no detector yet, and never lets a text pass that it has not read."""
