"""Scanners of outputs."""

from .ban_code import BanCode
from .ban_competitors import BanCompetitors
from .ban_substrings import BanSubstrings
from .ban_topics import BanTopics
from .bias import Bias
from .code import Code
from .deanonymize import Deanonymize
from .emotion_detection import EmotionDetection
from .factual_consistency import FactualConsistency
from .gibberish import Gibberish
from .json import JSON
from .language import Language
from .language_same import LanguageSame
from .malicious_urls import MaliciousURLs
from .no_refusal import NoRefusal, NoRefusalLight
from .reading_time import ReadingTime
from .regex import Regex
from .relevance import Relevance
from .sensitive import Sensitive
from .sentiment import Sentiment
from .toxicity import Toxicity
from .url_reachabitlity import URLReachability
from .util import get_scanner_by_name

__all__ = [
    "BanCode",
    "BanCompetitors",
    "BanSubstrings",
    "BanTopics",
    "Bias",
    "Code",
    "Deanonymize",
    "EmotionDetection",
    "FactualConsistency",
    "Gibberish",
    "JSON",
    "Language",
    "LanguageSame",
    "MaliciousURLs",
    "NoRefusal",
    "NoRefusalLight",
    "ReadingTime",
    "Regex",
    "Relevance",
    "Sensitive",
    "Sentiment",
    "Toxicity",
    "URLReachability",
    "get_scanner_by_name",
]
