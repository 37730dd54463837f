"""llm-guard's configurations of name finders. They name models; none of them is loaded here."""

from __future__ import annotations

from typing import TypedDict

from ...model import Model


class NERConfig(TypedDict):
    """A model that finds names, and how its labels are read."""

    PRESIDIO_SUPPORTED_ENTITIES: list[str]
    DEFAULT_MODEL: Model
    LABELS_TO_IGNORE: list[str]
    DEFAULT_EXPLANATION: str
    MODEL_TO_PRESIDIO_MAPPING: dict[str, str]
    CHUNK_OVERLAP_SIZE: int
    CHUNK_SIZE: int
    ID_SCORE_MULTIPLIER: float
    ID_ENTITY_NAME: str


_NAMES = ["LOCATION", "PERSON", "ORGANIZATION"]
_AI4PRIVACY = [
    *_NAMES,
    "EMAIL_ADDRESS",
    "PHONE_NUMBER",
    "CREDIT_CARD",
    "CRYPTO",
    "DATE_TIME",
    "IBAN_CODE",
    "IP_ADDRESS",
    "URL",
]
_CONLL_LABELS = {"MISC": "O", "LOC": "LOCATION", "ORG": "ORGANIZATION", "PER": "PERSON"}
_CHINESE_LABELS = {"MISC": "O", "address": "LOCATION", "company": "ORGANIZATION", "name": "PERSON"}
# Kind, then the model's labels for it.
_AI4PRIVACY_LABELS = {
    label: kind
    for kind, labels in {
        "O": "MISC",
        "LOCATION": "STREET CITY ZIPCODE BUILDINGNUMBER NEARBYGPSCOORDINATES SECONDARYADDRESS STATE COUNTY",
        "EMAIL_ADDRESS": "EMAIL",
        "ORGANIZATION": "COMPANYNAME",
        "PHONE_NUMBER": "PHONENUMBER",
        "PERSON": "FIRSTNAME LASTNAME MIDDLENAME",
        "CREDIT_CARD": "CREDITCARDNUMBER",
        "CRYPTO": "ETHEREUMADDRESS BITCOINADDRESS LITECOINADDRESS",
        "DATE_TIME": "DATE TIME",
        "DATE_OF_BIRTH": "DOB",
        "IBAN_CODE": "IBAN",
        "IP_ADDRESS": "IPV4 IPV6 IP",
        "URL": "URL",
        "AGE": "AGE",
    }.items()
    for label in labels.split()
}


def _config(path: str, entities: list[str], labels: dict[str, str], onnx_path: str | None = None) -> NERConfig:
    model = Model(
        path,
        onnx_path=onnx_path or path,
        onnx_subfolder="" if onnx_path else "onnx",
        pipeline_kwargs={"aggregation_strategy": "simple"},
        tokenizer_kwargs={"model_input_names": ["input_ids", "attention_mask"]},
    )
    return {
        "PRESIDIO_SUPPORTED_ENTITIES": list(entities),
        "DEFAULT_MODEL": model,
        "LABELS_TO_IGNORE": ["O", "CARDINAL"],
        "DEFAULT_EXPLANATION": f"Identified as {{}} by the {path} NER model",
        "MODEL_TO_PRESIDIO_MAPPING": dict(labels),
        "CHUNK_OVERLAP_SIZE": 40,
        "CHUNK_SIZE": 600,
        "ID_SCORE_MULTIPLIER": 0.4,
        "ID_ENTITY_NAME": "ID",
    }


BERT_BASE_NER_CONF = _config("dslim/bert-base-NER", _NAMES, _CONLL_LABELS)
BERT_LARGE_NER_CONF = _config("dslim/bert-large-NER", _NAMES, _CONLL_LABELS)
BERT_ZH_NER_CONF = _config(
    "gyr66/bert-base-chinese-finetuned-ner",
    _NAMES,
    _CHINESE_LABELS,
    "ProtectAI/gyr66-bert-base-chinese-finetuned-ner-onnx",
)
DISTILBERT_AI4PRIVACY_v2_CONF = _config("Isotonic/distilbert_finetuned_ai4privacy_v2", _AI4PRIVACY, _AI4PRIVACY_LABELS)
DEBERTA_AI4PRIVACY_v2_CONF = _config("Isotonic/deberta-v3-base_finetuned_ai4privacy_v2", _AI4PRIVACY, _AI4PRIVACY_LABELS)
MDEBERTA_AI4PRIVACY_v2_CONF = _config(
    "Isotonic/mdeberta-v3-base_finetuned_ai4privacy_v2", _AI4PRIVACY, _AI4PRIVACY_LABELS
)
DEBERTA_LAKSHYAKH93_CONF = _config(
    "lakshyakh93/deberta_finetuned_pii", [*_AI4PRIVACY, "US_SSN"], {**_AI4PRIVACY_LABELS, "SSN": "US_SSN"}
)
