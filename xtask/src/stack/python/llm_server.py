"""Serves one GGUF file through llama.cpp's OpenAI-compatible server: `llm_server.py FILE PORT NAME`.

GET /health answers 503 until the model is loaded. The server ignores the model that a request names; NAME is what it
says of itself in /v1/models and in its answers.
"""

import signal
import sys
import threading

import xllamacpp

CONTEXT_TOKENS = 8192  # shared by the parallel requests
PARALLEL = 2
THREADS = 2


def main():
    file, port, name = sys.argv[1:]
    parameters = xllamacpp.CommonParams()
    parameters.model.path = file
    parameters.model_alias = {name}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = int(port)
    parameters.n_ctx = CONTEXT_TOKENS
    parameters.n_parallel = PARALLEL
    parameters.cpuparams.n_threads = THREADS
    parameters.cpuparams_batch.n_threads = THREADS
    parameters.endpoint_metrics = True
    server = xllamacpp.Server(parameters)
    ended = threading.Event()
    for end in (signal.SIGTERM, signal.SIGINT):
        signal.signal(end, lambda *_: ended.set())
    ended.wait()
    del server


if __name__ == "__main__":
    main()
