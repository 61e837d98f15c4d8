#!/usr/bin/env python3
"""Measures the files of a demo report again, with ONNX Runtime's Python package.

    pip install onnxruntime numpy
    ./lathe demo --json out.json && bench/peers/check_report.py out.json

Prints, for every network, test accuracy and median latency as reported and as found here, then the
claims that a report should stand for. Exit code 1 if one does not hold.
"""
import json
import sys
import time

import numpy as np
import onnxruntime as ort


def session(path):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def accuracy(model, images, labels, balanced):
    name = model.get_inputs()[0].name
    answers = np.concatenate(
        [model.run(None, {name: images[i : i + 100]})[0].argmax(1) for i in range(0, len(images), 100)]
    )
    right = answers == labels
    if not balanced:
        return float(right.mean())
    return float(np.mean([right[labels == c].mean() for c in np.unique(labels)]))


def latencies(models, image, rounds=40, each=10):
    """Medians in ms; the networks take turns, so that drift falls on all of them alike."""
    names = [m.get_inputs()[0].name for m in models]
    samples = [[] for _ in models]
    for round_ in range(rounds + 2):
        for i, model in enumerate(models):
            for _ in range(each):
                start = time.perf_counter()
                model.run(None, {names[i]: image})
                if round_ >= 2:
                    samples[i].append(time.perf_counter() - start)
    return [1000 * float(np.median(s)) for s in samples]


def ranks(values):
    return np.argsort(np.argsort(values)).astype(float)


def main(path):
    with open(path) as file:
        report = json.load(file)
    images = np.load(report["testSet"])
    labels = np.load(report["testSet"].replace(".npy", "-labels.npy"))
    balanced = report["data"].get("accuracy") == "balanced"
    networks = report["front"] + report["baseline"]
    models = [session(n["onnx"]) for n in networks]
    millis = latencies(models, images[:1])
    print(f"{'network':28} {'test.acc':>9} {'here':>9} {'p50 ms':>9} {'here':>9}")
    for network, model, ms in zip(networks, models, millis):
        network["here"] = accuracy(model, images, labels, balanced)
        network["hereMillis"] = ms
        print(
            f"{network['id']:28} {network['testAccuracy']:9.4f} {network['here']:9.4f}"
            f" {network['latencies'][0]['p50']:9.4f} {ms:9.4f}"
        )
    by_id = {n["id"]: n for n in networks}
    front = report["front"]
    floats = [n for n in front if n["precision"] == "float32"]
    int8 = [n for n in front if n["precision"] == "int8"]
    claims = {
        "front has at least 6 members, 2 of them int8": len(front) >= 6 and len(int8) >= 2,
        "accuracies are those reported, within 0.002": all(
            abs(n["here"] - n["testAccuracy"]) <= 0.002 for n in networks
        ),
    }
    predicted = [n["latencies"][0]["predicted"] for n in front]
    measured = [n["latencies"][0]["p50"] for n in front]
    spearman = float(np.corrcoef(ranks(predicted), ranks(measured))[0, 1])
    claims[f"predicted against measured latency on the front: Spearman {spearman:.3f} >= 0.9"] = spearman >= 0.9
    best = max(n["here"] for n in report["baseline"] if n["precision"] == "float32")
    rivals = [n for n in report["baseline"] if n["precision"] == "float32" and n["here"] >= best - 0.005]
    rival = min(rivals, key=lambda n: n["hereMillis"])
    better = [n for n in floats if n["here"] >= rival["here"]]
    gain = max((rival["hereMillis"] / n["hereMillis"] for n in better), default=0)
    claims[f"a float32 member at least as accurate as {rival['id']}, {gain:.2f} >= 1.4 times as fast"] = gain >= 1.4
    for network in int8:
        twin = by_id.get(network.get("twin"))
        if twin is None:
            continue
        claims[f"{network['id']}: at most 0.02 below its twin ({twin['here'] - network['here']:+.4f})"] = (
            twin["here"] - network["here"] <= 0.02
        )
        share = network["bytes"] / twin["bytes"]
        claims[f"{network['id']}: {share:.2f} < 0.5 of its twin's bytes"] = share < 0.5
    print()
    for claim, holds in claims.items():
        print("holds " if holds else "FAILS ", claim)
    return 0 if all(claims.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
