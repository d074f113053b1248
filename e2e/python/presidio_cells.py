"""Runs Presidio's pattern recognisers over cells: `presidio_cells.py CELLS.jsonl FOUND.json`.

A line of CELLS has `text` and `language` (en or fr). FOUND gets the entities of each cell, whatever their score, and
the CPU seconds of the analysis without its start. No statistical model is loaded: spaCy only splits into words.
Recognisers for cards and US social security numbers are added for French, which has none.
"""

import json
import sys
import time

import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import CreditCardRecognizer, UsSsnRecognizer

LANGUAGES = ["en", "fr"]


class BlankEngine(SpacyNlpEngine):
    """spaCy without a model."""

    def __init__(self):
        super().__init__(models=[{"lang_code": code, "model_name": f"blank_{code}"} for code in LANGUAGES])
        self.nlp = {code: spacy.blank(code) for code in LANGUAGES}

    def load(self):
        pass


def analyzer():
    # The stock extractor asks the internet for the list of suffixes.
    tldextract.extract = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())
    engine = BlankEngine()
    registry = RecognizerRegistry(supported_languages=LANGUAGES)
    registry.load_predefined_recognizers(languages=LANGUAGES, nlp_engine=engine)
    registry.add_recognizer(CreditCardRecognizer(supported_language="fr"))
    registry.add_recognizer(UsSsnRecognizer(supported_language="fr"))
    return AnalyzerEngine(nlp_engine=engine, registry=registry, supported_languages=LANGUAGES)


def main():
    with open(sys.argv[1], encoding="utf-8") as lines:
        cells = [json.loads(line) for line in lines]
    engine = analyzer()
    found = []
    started = time.process_time()
    for cell in cells:
        results = engine.analyze(text=cell["text"], language=cell["language"])
        found.append(sorted({result.entity_type for result in results}))
    seconds = time.process_time() - started
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        json.dump({"cpu_seconds": seconds, "found": found}, out)


if __name__ == "__main__":
    main()
