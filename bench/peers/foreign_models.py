"""Exports small networks with random weights from PyTorch: the foreign models of the compressor's tests.

Run: python bench/peers/foreign_models.py compressor/src/test/resources/foreign
Needs torch and onnx; written with torch 2.13 and onnx 1.23.
"""

import sys
import warnings

import torch
import torch.nn as nn
import torch.nn.functional as F

warnings.filterwarnings("ignore")
torch.manual_seed(0)


class Block(nn.Module):
    def __init__(self, width=48, heads=4):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x):
        b, t, d = x.shape
        qkv = self.qkv(self.norm1(x)).reshape(b, t, 3, self.heads, d // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        attention = (q @ k.transpose(-1, -2) * (d // self.heads) ** -0.5).softmax(-1)
        x = x + self.out((attention @ v).transpose(1, 2).reshape(b, t, d))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class VisionTransformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 48, 4, 4)
        self.position = nn.Parameter(torch.randn(1, 64, 48) * 0.1)
        self.blocks = nn.Sequential(Block(), Block())
        self.head = nn.Linear(48, 10)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2) + self.position
        return self.head(self.blocks(x).mean(1))


def convolution(inputs, outputs):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()
    )


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = convolution(3, 16), convolution(16, 32)
        self.up = nn.ConvTranspose2d(32, 16, 2, 2)
        self.third, self.last = convolution(32, 16), nn.Conv2d(16, 2, 1)

    def forward(self, x):
        a = self.first(x)
        b = self.second(F.max_pool2d(a, 2))
        return self.last(self.third(torch.cat([self.up(b), a], 1)))


class Residual(nn.Module):
    """Two 3x3 convolutions, or a bottleneck of three, beside a shortcut."""

    def __init__(self, inputs, outputs, stride, bottleneck):
        super().__init__()
        inner = outputs // 4 if bottleneck else outputs
        shapes = (
            [(inputs, inner, 1, 1), (inner, inner, 3, stride), (inner, outputs, 1, 1)]
            if bottleneck
            else [(inputs, inner, 3, stride), (inner, outputs, 3, 1)]
        )
        layers = []
        for i, o, kernel, step in shapes:
            layers += [nn.Conv2d(i, o, kernel, step, kernel // 2, bias=False), nn.BatchNorm2d(o), nn.ReLU()]
        self.body = nn.Sequential(*layers[:-1])
        self.short = (
            nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
            if stride > 1 or inputs != outputs
            else nn.Identity()
        )

    def forward(self, x):
        return F.relu(self.body(x) + self.short(x))


def resnet():
    return nn.Sequential(
        nn.Conv2d(3, 16, 7, 2, 3, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
        Residual(16, 16, 1, False),
        Residual(16, 24, 2, False),
        Residual(24, 48, 2, True),
        Residual(48, 48, 1, True),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(48, 10),
    )


class Inverted(nn.Module):
    """MobileNetV3's block: expansion, depthwise convolution, squeeze and excite, projection."""

    def __init__(self, inputs, hidden, outputs, kernel, stride, activation, gated):
        super().__init__()
        def norm(channels, last):
            return [nn.BatchNorm2d(channels, eps=1e-3)] + ([] if last else [activation()])
        self.widen = nn.Sequential(nn.Conv2d(inputs, hidden, 1, bias=False), *norm(hidden, False))
        self.depth = nn.Sequential(
            nn.Conv2d(hidden, hidden, kernel, stride, kernel // 2, groups=hidden, bias=False),
            *norm(hidden, False),
        )
        self.gate = (
            nn.Sequential(
                nn.AdaptiveAvgPool2d(1),
                nn.Conv2d(hidden, 8, 1),
                nn.ReLU(),
                nn.Conv2d(8, hidden, 1),
                nn.Hardsigmoid(),
            )
            if gated
            else None
        )
        self.narrow = nn.Sequential(nn.Conv2d(hidden, outputs, 1, bias=False), *norm(outputs, True))
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x):
        y = self.depth(self.widen(x))
        if self.gate is not None:
            y = y * self.gate(y)
        y = self.narrow(y)
        return x + y if self.shortcut else y


def mobilenet():
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, 2, 1, bias=False),
        nn.BatchNorm2d(16, eps=1e-3),
        nn.Hardswish(),
        Inverted(16, 16, 16, 3, 1, nn.ReLU, False),
        Inverted(16, 48, 24, 3, 2, nn.ReLU, False),
        Inverted(24, 64, 24, 3, 1, nn.ReLU, True),
        Inverted(24, 72, 32, 5, 2, nn.Hardswish, True),
        Inverted(32, 96, 32, 5, 1, nn.Hardswish, True),
        nn.Conv2d(32, 96, 1, bias=False),
        nn.BatchNorm2d(96, eps=1e-3),
        nn.Hardswish(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(96, 64),
        nn.Hardswish(),
        nn.Dropout(0.2),
        nn.Linear(64, 10),
    )


class Bert(nn.Module):
    """BERT's encoder: embeddings of tokens, positions and segments, norms after the sums."""

    def __init__(self, width=40, heads=4, layers=2):
        super().__init__()
        self.heads = heads
        self.tokens, self.positions = nn.Embedding(120, width), nn.Embedding(64, width)
        self.segments = nn.Embedding(2, width)
        self.norm = nn.LayerNorm(width)
        self.layers = nn.ModuleList(
            nn.ModuleDict(
                {
                    "query": nn.Linear(width, width),
                    "key": nn.Linear(width, width),
                    "value": nn.Linear(width, width),
                    "out": nn.Linear(width, width),
                    "norm1": nn.LayerNorm(width),
                    "up": nn.Linear(width, 2 * width),
                    "down": nn.Linear(2 * width, width),
                    "norm2": nn.LayerNorm(width),
                }
            )
            for _ in range(layers)
        )
        self.pooler, self.head = nn.Linear(width, width), nn.Linear(width, 3)

    def split(self, x):
        b, t, d = x.shape
        return x.reshape(b, t, self.heads, d // self.heads).transpose(1, 2)

    def forward(self, ids, mask, segments):
        b, t = ids.shape
        x = self.tokens(ids) + self.positions(torch.arange(t).unsqueeze(0)) + self.segments(segments)
        x = self.norm(x)
        hidden = (1.0 - mask[:, None, None, :].float()) * -10000.0
        for layer in self.layers:
            q, k, v = (self.split(layer[n](x)) for n in ("query", "key", "value"))
            weights = (q @ k.transpose(-1, -2) / (q.shape[-1] ** 0.5) + hidden).softmax(-1)
            y = (weights @ v).transpose(1, 2).reshape(b, t, -1)
            x = layer["norm1"](x + layer["out"](y))
            x = layer["norm2"](x + layer["down"](F.gelu(layer["up"](x))))
        return self.head(torch.tanh(self.pooler(x[:, 0])))


def trained_looking(model):
    """Statistics of batch norms and gains of norms as after training: not zero and one."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 1.5)
            module.weight.data.uniform_(0.6, 1.4)
            module.bias.data.normal_(0, 0.1)
        if isinstance(module, nn.LayerNorm):
            # A few channels of large gain, as the outliers of trained transformers.
            module.weight.data.uniform_(0.8, 1.2)
            module.weight.data[:2] *= 8
    return model.eval()


IMAGE = torch.zeros(1, 3, 32, 32)
TOKENS = (torch.zeros(1, 16, dtype=torch.long), torch.ones(1, 16, dtype=torch.long), torch.zeros(1, 16, dtype=torch.long))
for name, model, inputs, names, opset in [
    ("vit", VisionTransformer().eval(), (IMAGE,), ["x"], 17),
    ("unet", UNet().eval(), (IMAGE,), ["x"], 17),
    ("resnet", trained_looking(resnet()), (IMAGE,), ["x"], 13),
    ("mobilenetv3", trained_looking(mobilenet()), (IMAGE,), ["x"], 16),
    ("bert", trained_looking(Bert()), TOKENS, ["ids", "mask", "segments"], 17),
]:
    axes = {n: {0: "N"} for n in [*names, "y"]}
    if name == "bert":
        axes.update({n: {0: "N", 1: "T"} for n in names})
    torch.onnx.export(
        model,
        inputs,
        f"{sys.argv[1]}/{name}.onnx",
        opset_version=opset,
        input_names=names,
        output_names=["y"],
        dynamic_axes=axes,
        dynamo=False,
    )
