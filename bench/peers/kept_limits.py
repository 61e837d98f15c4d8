"""Judges limits of a drop that `lathe compress --max-drop` says to keep, on inputs that Lathe never saw.

Run: python bench/peers/kept_limits.py FOLDER OUT [--items 10000] [--models NAME,NAME]
FOLDER holds ONNX files with floating-point inputs. For each file and limit the loss of the written file is counted
anew: the share of items whose largest output differs (outputs of one number a class), else the share of the energy
that is error; of several outputs the worst. A limit is solvable if any recipe alone keeps it in a smaller file; it is
solved if the file for the limit is smaller and keeps it, too. Needs numpy, onnx, onnxruntime; written with onnx 1.23,
onnxruntime 1.30. LATHE names the command (./lathe).
"""

import argparse
import json
import os
import pathlib
import subprocess

import numpy as np
import onnx
import onnxruntime as ort

LATHE = os.environ.get("LATHE", "./lathe")
LIMITS = [("weights4", 0.02), ("int8", 0.05), ("low-rank", 0.1)]
RECIPES = ["int8", "weights8", "weights4", "half", "low-rank", "pruned", "channels", "codebook"]
NORMAL_95 = 1.645


def feeds(model, items, seed):
    """Standard normal inputs: one array an input, whether each of its items is a whole input, and open sizes."""
    random = np.random.default_rng(seed)
    constants = {tensor.name for tensor in model.graph.initializer}
    shapes, sizes_said = {}, []
    for value in model.graph.input:
        if value.name in constants:
            continue
        tensor = value.type.tensor_type
        sizes = [d.dim_value if d.HasField("dim_value") and d.dim_value > 0 else 0 for d in tensor.shape.dim]
        open_size = 32 if len(sizes) == 4 else 16
        shape = [(size or (1 if axis == 0 else open_size)) for axis, size in enumerate(sizes)]
        for axis, size in enumerate(sizes):
            if axis > 0 and size == 0:
                name = tensor.shape.dim[axis].dim_param or f"{value.name}[{axis}]"
                sizes_said += ["--size", f"{name}={open_size}"]
        shapes[value.name] = (shape, onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type))
    whole = any(shape[0] != 1 for shape, _ in shapes.values())
    made = {}
    for name, (shape, kind) in shapes.items():
        if kind.kind != "f":
            raise ValueError(f"input '{name}' is no floating-point number")
        made[name] = random.standard_normal([items] + (shape if whole else shape[1:])).astype(kind)
    return made, whole, sizes_said


def session(file):
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    return ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def answers(model, made, whole):
    items = len(next(iter(made.values())))
    for k in range(items):
        yield model.run(None, {name: (v[k] if whole else v[k : k + 1]) for name, v in made.items()})


def kept(wanted, found):
    """What of an item's outputs is left, in [0, 1]."""
    worst = 1.0
    for a, b in zip(wanted, found):
        if a.dtype.kind != "f":
            continue
        a, b = a.astype(np.float64), b.astype(np.float64)
        if a.ndim == 2 and a.shape[0] == 1 and a.shape[1] > 1:
            value = float(a.argmax() == b.argmax())
        else:
            error = ((a - b) ** 2).sum()
            value = 1.0 if error == 0 else max(0.0, 1 - error / (a * a).sum())
        worst = min(worst, value)
    return worst


def loss(reference, file, made, whole):
    """Mean loss of a file, and its standard error."""
    lost = 1 - np.array([kept(a, b) for a, b in zip(reference, answers(session(file), made, whole))])
    return lost.mean(), lost.std() / np.sqrt(len(lost))


def compress(file, recipe, out, *more):
    out.mkdir(parents=True, exist_ok=True)
    report = out / f"{file.stem}-{recipe}.json"
    report.unlink(missing_ok=True)
    command = [LATHE, "compress", str(file), "--recipe", recipe, "--calibration", "noise:64"]
    done = subprocess.run(
        command + ["--out", str(out), "--json", str(report), *more],
        capture_output=True,
        text=True,
    )
    return json.loads(report.read_text()) if report.exists() else None, done


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--models", default="")
    said = parser.parse_args()
    names = said.models.split(",") if said.models else [f.stem for f in sorted(said.folder.glob("*.onnx"))]
    counts = dict(cases=0, kept=0, breaches=0, solvable=0, solved=0)
    for seed, name in enumerate(names, 1):
        file = said.folder / f"{name}.onnx"
        try:
            made, whole, sizes = feeds(onnx.load(file), said.items, 4242 + seed)
            reference = list(answers(session(file), made, whole))
        except Exception as problem:  # whatever a foreign file holds
            print(f"{name}: left out ({str(problem).splitlines()[0][:100]})", flush=True)
            continue
        alone = {}
        for recipe in RECIPES:
            report, _ = compress(file, recipe, said.out / "plain", *sizes)
            if report and report["bytes"] < report["original"]["bytes"]:
                alone[recipe] = loss(reference, report["onnx"], made, whole)[0]
        for recipe, limit in LIMITS:
            counts["cases"] += 1
            solvable = any(lost <= limit for lost in alone.values())
            counts["solvable"] += solvable
            options = ("--max-drop", str(limit), "--seed", str(seed))
            report, done = compress(file, recipe, said.out / "limit", *sizes, *options)
            if not report:
                print(f"{name} {recipe} {limit}: code {done.returncode} {done.stderr.strip()[-100:]}", flush=True)
                continue
            budget = report["budget"]
            lost, error = loss(reference, report["onnx"], made, whole)
            breach = budget["kept"] and lost - NORMAL_95 * error > limit
            smaller = report["bytes"] / report["original"]["bytes"]
            counts["kept"] += budget["kept"]
            counts["breaches"] += breach
            counts["solved"] += solvable and budget["kept"] and not breach and smaller < 1
            print(
                f"{name} {recipe} {limit}: code {done.returncode}, {report['verdict']}, kept {budget['kept']},"
                f" {budget['drop']:.4f} on {budget['items']}, really {lost:.4f} ± {error:.4f}{' BREACH' if breach else ''};"
                f" {smaller:.2f} of the bytes; {budget['note']}; alone {sum(v <= limit for v in alone.values())} of"
                f" {len(alone)} recipes",
                flush=True,
            )
    print(counts, flush=True)


if __name__ == "__main__":
    main()
