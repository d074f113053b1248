"""Serves sentence embeddings as OpenAI's API does: `embed_server.py FOLDER PORT NAME`.

FOLDER is what embed_graph.py made. GET /health, GET /v1/models, POST /v1/embeddings with `input` a string or a list of
strings and `encoding_format` float or base64. Whatever model a request names, NAME answers and says so.
"""

import base64
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy
import onnxruntime
from tokenizers import Tokenizer

BODY_BYTES_MAX = 8 << 20
TEXTS_MAX = 2048
BATCH = 16
THREADS = 2
SILENCE_SECS = 60


class Embedder:
    def __init__(self, folder):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = THREADS
        # Threads that spin while they wait take the cores from everybody else.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session = onnxruntime.InferenceSession(os.path.join(folder, "model.onnx"), options)
        self.dimension = self.session.get_outputs()[0].shape[1]
        self.tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
        with open(os.path.join(folder, "sentence_bert_config.json")) as file:
            # The tokenizer's own file cuts shorter, and pads everything to one length, which costs time.
            self.tokenizer.enable_truncation(json.load(file)["max_seq_length"])
        self.tokenizer.no_padding()
        self.one_at_a_time = threading.Lock()

    def embed(self, texts):
        """Float32 [texts, dimension], and the number of tokens."""
        coded = [self.tokenizer.encode(text).ids for text in texts]
        vectors = numpy.zeros((len(texts), self.dimension), numpy.float32)
        # Texts of like length together, so that little is padded.
        order = sorted(range(len(texts)), key=lambda i: len(coded[i]))
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            shape = (len(chosen), max(len(coded[i]) for i in chosen))
            ids, mask = numpy.zeros(shape, numpy.int64), numpy.zeros(shape, numpy.int64)
            for row, i in enumerate(chosen):
                ids[row, : len(coded[i])] = coded[i]
                mask[row, : len(coded[i])] = 1
            with self.one_at_a_time:
                vectors[chosen] = self.session.run(["embedding"], {"input_ids": ids, "attention_mask": mask})[0]
        return vectors, sum(map(len, coded))


class Refused(Exception):
    """What is wrong with a request."""


def answer(embedder, name, body):
    try:
        request = json.loads(body)
    except ValueError:
        raise Refused("the body is not JSON") from None
    texts = request.get("input") if isinstance(request, dict) else None
    texts = [texts] if isinstance(texts, str) else texts
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise Refused("input must be a string or a list of strings")
    if len(texts) > TEXTS_MAX:
        raise Refused(f"at most {TEXTS_MAX} texts")
    if request.get("dimensions") not in (None, embedder.dimension):
        raise Refused(f"the model has {embedder.dimension} dimensions")
    coding = request.get("encoding_format") or "float"
    if coding not in ("float", "base64"):
        raise Refused("encoding_format must be float or base64")
    vectors, tokens = embedder.embed(texts)
    shown = [base64.b64encode(v.tobytes()).decode() if coding == "base64" else v.tolist() for v in vectors]
    return {
        "object": "list",
        "data": [{"object": "embedding", "index": i, "embedding": vector} for i, vector in enumerate(shown)],
        "model": name,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def handler(embedder, name):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = SILENCE_SECS

        def do_GET(self):
            if self.path == "/health":
                self.reply(200, {"status": "ok", "model": name, "dimension": embedder.dimension})
            elif self.path == "/v1/models":
                self.reply(200, {"object": "list", "data": [{"id": name, "object": "model"}]})
            else:
                self.fail(404, "no such path")

        def do_POST(self):
            length = self.headers.get("Content-Length", "")
            if not length.isdigit() or int(length) > BODY_BYTES_MAX:
                self.close_connection = True
                return self.fail(413, f"a Content-Length of at most {BODY_BYTES_MAX} is needed")
            body = self.rfile.read(int(length))
            if self.path != "/v1/embeddings":
                return self.fail(404, "no such path")
            try:
                self.reply(200, answer(embedder, name, body))
            except Refused as refused:
                self.fail(400, str(refused))

        def fail(self, status, message):
            self.reply(status, {"error": {"message": message, "type": "invalid_request_error"}})

        def reply(self, status, content):
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


def main():
    folder, port, name = sys.argv[1:]
    ThreadingHTTPServer(("127.0.0.1", int(port)), handler(Embedder(folder), name)).serve_forever()


if __name__ == "__main__":
    main()
