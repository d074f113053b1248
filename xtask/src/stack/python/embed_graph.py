"""Makes an ONNX graph of a sentence-transformers model: `embed_graph.py ARCHIVE FOLDER`.

ARCHIVE is a zip that holds the model's folder. Its weights and tokenizer are unpacked to FOLDER; model.onnx beside
them holds the graph alone and refers to the weights where they lie in the safetensors file. Inputs: `input_ids` and
`attention_mask`, both int64 [texts, tokens], padded on the right. Output: `embedding`, float32 [texts, dimension], the
mean over the tokens, of length 1.

Two architectures, as transformers defines them: BERT (Devlin et al. 2018) and MPNet (Song et al. 2020), which
differs by a bias of the attention by relative position and by the two positions before the first token.
"""

import json
import os
import struct
import sys
import zipfile

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

FILES = ["config.json", "sentence_bert_config.json", "tokenizer.json", "model.safetensors"]
OPSET = 20
LARGEST_DISTANCE = 128  # of relative positions; MPNet does not write it in its configuration
MASKED = -1e9

NAMES = {
    "mpnet": {
        "query": "attention.attn.q",
        "key": "attention.attn.k",
        "value": "attention.attn.v",
        "attended": "attention.attn.o",
        "attended_norm": "attention.LayerNorm",
    },
    "bert": {
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "attended": "attention.output.dense",
        "attended_norm": "attention.output.LayerNorm",
    },
}


class Graph:
    """Nodes and initializers, with the weights left in the safetensors file."""

    def __init__(self, weights):
        self.nodes, self.initializers, self.known = [], [], set()
        self.file = weights
        with open(weights, "rb") as file:
            size = struct.unpack("<Q", file.read(8))[0]
            self.tensors = json.loads(file.read(size))
        self.start = 8 + size

    def op(self, kind, *inputs, **attributes):
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, value, dtype=numpy.int64):
        name = f"constant_{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(numpy.array(value, dtype=dtype), name))
        return name

    def weight(self, name):
        """A tensor of the file, by reference."""
        if name in self.known:
            return name
        self.known.add(name)
        tensor = self.tensors[name]
        if tensor["dtype"] != "F32":
            sys.exit(f"{name} is {tensor['dtype']}, not F32")
        begin, end = tensor["data_offsets"]
        external = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=tensor["shape"])
        external.data_location = TensorProto.EXTERNAL
        place = {"location": os.path.basename(self.file), "offset": self.start + begin, "length": end - begin}
        for key, value in place.items():
            external.external_data.add(key=key, value=str(value))
        self.initializers.append(external)
        return name

    def read(self, name):
        """A tensor of the file, as values."""
        tensor = self.tensors[name]
        begin, end = tensor["data_offsets"]
        with open(self.file, "rb") as file:
            file.seek(self.start + begin)
            return numpy.frombuffer(file.read(end - begin), numpy.float32).reshape(tensor["shape"])

    def linear(self, rows, name):
        return self.op("Gemm", rows, self.weight(f"{name}.weight"), self.weight(f"{name}.bias"), transB=1)

    def norm(self, rows, name, epsilon):
        scale, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.op("LayerNormalization", rows, scale, bias, axis=-1, epsilon=epsilon)


def buckets(length, count):
    """The bucket of each (query, key) pair: exact nearby, logarithmic far away, half of them for keys that follow."""
    positions = numpy.arange(length)
    distance = positions[None, :] - positions[:, None]
    half = count // 2
    exact = half // 2
    far = numpy.maximum(numpy.abs(distance), exact)
    scale = (half - exact) / numpy.log(LARGEST_DISTANCE / exact)
    logarithmic = exact + (numpy.log(far / exact) * scale).astype(numpy.int64)
    size = numpy.where(numpy.abs(distance) < exact, numpy.abs(distance), numpy.minimum(logarithmic, half - 1))
    return size + numpy.where(distance > 0, half, 0)


def attention_bias(graph, config, tokens, longest):
    """What is added to the scores: nothing for a token, a great negative number for padding; MPNet's bias."""
    mask = graph.op("Cast", "attention_mask", to=TensorProto.FLOAT)
    absent = graph.op("Sub", graph.constant(1, numpy.float32), mask)
    bias = graph.op("Mul", absent, graph.constant(MASKED, numpy.float32))
    bias = graph.op("Unsqueeze", bias, graph.constant([1, 2]))
    if config["model_type"] == "mpnet":
        table = graph.read("encoder.relative_attention_bias.weight")
        relative = table[buckets(longest, config["relative_attention_num_buckets"])].transpose(2, 0, 1)[None]
        ends = graph.op("Concat", tokens, tokens, axis=0)
        starts, axes = graph.constant([0, 0]), graph.constant([2, 3])
        relative = graph.op("Slice", graph.constant(relative, numpy.float32), starts, ends, axes)
        bias = graph.op("Add", bias, relative)
    return mask, bias


def embeddings(graph, config, tokens):
    words = graph.op("Gather", graph.weight("embeddings.word_embeddings.weight"), "input_ids")
    # MPNet counts positions from the one after padding's.
    first = graph.constant([config["pad_token_id"] + 1 if config["model_type"] == "mpnet" else 0])
    last = graph.op("Add", tokens, first)
    table = graph.weight("embeddings.position_embeddings.weight")
    rows = graph.op("Add", words, graph.op("Slice", table, first, last, graph.constant([0])))
    if config["model_type"] == "bert":
        types = graph.weight("embeddings.token_type_embeddings.weight")
        rows = graph.op("Add", rows, graph.op("Gather", types, graph.constant(0)))
    rows = graph.norm(rows, "embeddings.LayerNorm", config["layer_norm_eps"])
    return graph.op("Reshape", rows, graph.constant([-1, config["hidden_size"]]))


def layer(graph, config, number, rows, shape, bias):
    """One transformer layer over [texts * tokens, hidden]."""
    prefix, names, epsilon = f"encoder.layer.{number}", NAMES[config["model_type"]], config["layer_norm_eps"]

    def heads(part, order):
        split = graph.op("Reshape", graph.linear(rows, f"{prefix}.{names[part]}"), shape)
        return graph.op("Transpose", split, perm=order)

    query, key, value = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1]), heads("value", [0, 2, 1, 3])
    width = config["hidden_size"] // config["num_attention_heads"]
    scores = graph.op("Div", graph.op("MatMul", query, key), graph.constant(width**0.5, numpy.float32))
    shares = graph.op("Softmax", graph.op("Add", scores, bias), axis=-1)
    seen = graph.op("Transpose", graph.op("MatMul", shares, value), perm=[0, 2, 1, 3])
    seen = graph.op("Reshape", seen, graph.constant([-1, config["hidden_size"]]))
    attended = graph.op("Add", graph.linear(seen, f"{prefix}.{names['attended']}"), rows)
    attended = graph.norm(attended, f"{prefix}.{names['attended_norm']}", epsilon)
    inner = graph.op("Gelu", graph.linear(attended, f"{prefix}.intermediate.dense"))
    outer = graph.op("Add", graph.linear(inner, f"{prefix}.output.dense"), attended)
    return graph.norm(outer, f"{prefix}.output.LayerNorm", epsilon)


def pooled(graph, config, rows, counts, mask):
    """The mean over the tokens that are not padding, of length 1."""
    shape = graph.op("Concat", counts, graph.constant([config["hidden_size"]]), axis=0)
    present = graph.op("Unsqueeze", mask, graph.constant([2]))
    kept = graph.op("Mul", graph.op("Reshape", rows, shape), present)
    axis = graph.constant([1])
    mean = graph.op("Div", graph.op("ReduceSum", kept, axis, keepdims=0), graph.op("ReduceSum", mask, axis))
    length = graph.op("ReduceL2", mean, axis, keepdims=1)
    graph.nodes.append(helper.make_node("Div", [mean, length], ["embedding"]))


def build(folder):
    with open(os.path.join(folder, "config.json")) as file:
        config = json.load(file)
    with open(os.path.join(folder, "sentence_bert_config.json")) as file:
        longest = json.load(file)["max_seq_length"]
    if config["model_type"] not in NAMES or config["hidden_act"] != "gelu":
        sys.exit(f"neither BERT nor MPNet with GELU: {config['model_type']}, {config['hidden_act']}")
    graph = Graph(os.path.join(folder, "model.safetensors"))
    counts = graph.op("Shape", "input_ids")
    tokens = graph.op("Slice", counts, graph.constant([1]), graph.constant([2]))
    mask, bias = attention_bias(graph, config, tokens, longest)
    rows = embeddings(graph, config, tokens)
    heads = config["num_attention_heads"]
    split = graph.constant([heads, config["hidden_size"] // heads])
    shape = graph.op("Concat", counts, split, axis=0)
    for number in range(config["num_hidden_layers"]):
        rows = layer(graph, config, number, rows, shape, bias)
    pooled(graph, config, rows, counts, mask)
    value = helper.make_tensor_value_info
    inputs = [value(name, TensorProto.INT64, ["texts", "tokens"]) for name in ("input_ids", "attention_mask")]
    output = value("embedding", TensorProto.FLOAT, ["texts", config["hidden_size"]])
    made = helper.make_graph(graph.nodes, "sentence_embedding", inputs, [output], graph.initializers)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    target = os.path.join(folder, "model.onnx")
    onnx.save(model, f"{target}.draft")
    onnx.checker.check_model(f"{target}.draft")
    os.replace(f"{target}.draft", target)


def main():
    source, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    with zipfile.ZipFile(source) as archive:
        for name in FILES:
            members = [m for m in archive.namelist() if os.path.basename(m) == name and "Pooling" not in m]
            if len(members) != 1:
                sys.exit(f"{len(members)} files {name} in {source}")
            with archive.open(members[0]) as packed, open(os.path.join(folder, name), "wb") as out:
                while block := packed.read(1 << 20):
                    out.write(block)
    build(folder)


if __name__ == "__main__":
    main()
