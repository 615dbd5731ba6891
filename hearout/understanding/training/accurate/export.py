"""Writes the fine-tuned network as one ONNX file: matrices in 8 bits, rows of words in 4.

The graph is built node by node, so that what runs is what stands here. It uses ONNX Runtime's own
fused operations (domain com.microsoft). Matrices are quantised for each column, in 7 of the 8 bits: on
processors without VNNI two products of full range would overflow their 16-bit sum.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

from hearout.understanding.training.accurate.start import BLOCK, in_four_bits

OPSET, IR_VERSION = 17, 9
OWN = "com.microsoft"
LARGEST = 63  # of a quantum: 7 bits

State = dict[str, NDArray[np.float32]]


class Graph:
    """Nodes and constants as they come."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def constant(self, name: str, array: NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, operation: str, inputs: list[str], outputs: str | list[str], **attributes: Any) -> str:
        names = [outputs] if isinstance(outputs, str) else outputs
        self.nodes.append(helper.make_node(operation, inputs, names, names[0], **attributes))
        return names[0]

    def linear(self, name: str, seen: str, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
        """`seen` times a matrix [out, in] in 8 bits, plus its bias."""
        scale = np.maximum(np.abs(weight).max(axis=1), 1e-8) / LARGEST
        quanta = np.clip(np.round(weight / scale[:, None]), -LARGEST, LARGEST).astype(np.int8)
        inputs = [
            seen, self.constant(f"{name}.w", quanta.T), self.constant(f"{name}.scale", scale.astype(np.float32)),
            self.constant(f"{name}.zero", np.zeros(len(scale), np.int8)), self.constant(f"{name}.b", bias),
        ]  # fmt: skip
        return self.node("DynamicQuantizeMatMul", inputs, name, domain=OWN)


def build(state: State, heads: int, epsilon: float) -> ModelProto:
    """The graph: `numbers` [posts, places] to `logits` [posts, classes] and `added` [posts, places, classes],
    what each place added to each class. Posts of one length only: nothing is padded."""
    graph = Graph()
    seen = _embedded(graph, state, epsilon)
    depth = 1 + max(int(name.split(".")[1]) for name in state if name.startswith("layers."))
    for i in range(depth):
        layer = {k.removeprefix(f"layers.{i}."): v for k, v in state.items() if k.startswith(f"layers.{i}.")}
        seen = _layer(graph, f"l{i}", seen, layer, heads, epsilon)
    _heads(graph, seen, state)
    made = helper.make_graph(
        graph.nodes, "accurate",
        [helper.make_tensor_value_info("numbers", TensorProto.INT64, ["posts", "places"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["posts", "classes"]),
         helper.make_tensor_value_info("added", TensorProto.FLOAT, ["posts", "places", "classes"])],
        graph.constants,
    )  # fmt: skip
    return helper.make_model(
        made, opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(OWN, 1)],
        producer_name="hearout", ir_version=IR_VERSION,
    )  # fmt: skip


def write(model: ModelProto, path: Path) -> None:
    path.write_bytes(model.SerializeToString(deterministic=True))


def _embedded(graph: Graph, state: State, epsilon: float) -> str:
    """Rows of words, unpacked from 4 bits, with those of places added, normalised."""
    words, scales = in_four_bits(state["words"])
    tensor = helper.make_tensor("words", TensorProto.UINT8, words.shape, words.tobytes(), raw=True)
    graph.constants.append(tensor)
    inputs = ["words", "numbers", graph.constant("words.scales", scales)]
    half = graph.node(
        "GatherBlockQuantized", inputs, "rows.half", domain=OWN,
        bits=4, block_size=BLOCK, gather_axis=0, quantize_axis=1,
    )  # fmt: skip
    rows = graph.node("Cast", [half], "rows", to=TensorProto.FLOAT)
    graph.node("Shape", ["numbers"], "length", start=1, end=2)
    zero = graph.constant("zero", np.array([0]))
    places = graph.constant("all_places", state["places"])
    graph.node("Slice", [places, zero, "length", zero], "places")
    graph.node("Add", [rows, "places"], "embedded")
    return _normalised(graph, "embedded.norm", "embedded", state, "norm", epsilon)


def _normalised(graph: Graph, name: str, seen: str, state: State, part: str, epsilon: float) -> str:
    weight = graph.constant(f"{name}.w", state[f"{part}.weight"])
    bias = graph.constant(f"{name}.b", state[f"{part}.bias"])
    return graph.node("LayerNormalization", [seen, weight, bias], name, axis=-1, epsilon=epsilon)


def _layer(graph: Graph, name: str, seen: str, layer: State, heads: int, epsilon: float) -> str:
    qkv = graph.linear(f"{name}.qkv", seen, layer["qkv.weight"], layer["qkv.bias"])
    parts = [f"{name}.{part}" for part in "qkv"]
    graph.node("Split", [qkv], parts, axis=-1)
    mixed = graph.node("MultiHeadAttention", parts, f"{name}.mixed", domain=OWN, num_heads=heads)
    out = graph.linear(f"{name}.out", mixed, layer["out.weight"], layer["out.bias"])
    graph.node("Add", [seen, out], f"{name}.sum")
    seen = _normalised(graph, f"{name}.first", f"{name}.sum", layer, "first", epsilon)
    inner = graph.linear(f"{name}.inner", seen, layer["inner.weight"], layer["inner.bias"])
    active = graph.node("Gelu", [inner], f"{name}.gelu", domain=OWN)
    outer = graph.linear(f"{name}.outer", active, layer["outer.weight"], layer["outer.bias"])
    graph.node("Add", [seen, outer], f"{name}.sum2")
    return _normalised(graph, f"{name}.second", f"{name}.sum2", layer, "second", epsilon)


def _heads(graph: Graph, seen: str, state: State) -> None:
    """Each head's attention over the places, what each place says, and the sum."""
    looks = graph.node("MatMul", [seen, graph.constant("looks.w", state["looks"])], "looks")
    graph.node("Softmax", [looks], "shares", axis=1)
    head_of = graph.constant("head_of", state["head_of"].astype(np.int64))
    graph.node("Gather", ["shares", head_of], "shares.all", axis=2)
    graph.node("MatMul", [seen, graph.constant("says.w", state["says.weight"].T)], "said")
    graph.node("Mul", ["shares.all", "said"], "added")
    graph.node("ReduceSum", ["added", graph.constant("one", np.array([1]))], "sum", keepdims=0)
    graph.node("Add", ["sum", graph.constant("says.b", state["says.bias"])], "logits")


def checked(model: ModelProto) -> ModelProto:
    checker.check_model(model)
    return model
