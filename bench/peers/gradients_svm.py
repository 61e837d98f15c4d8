#!/usr/bin/env python3
"""A linear support vector machine on histograms of oriented gradients, on an image folder.

python3 gradients_svm.py FOLDER [--side N]

FOLDER holds train/CLASS/* and test/CLASS/*. Classes are weighted by their size, the cost is chosen
by five-fold cross-validation. Needs numpy, pillow, scikit-image and scikit-learn; an oracle for
comparisons, no part of Lathe.
"""
import argparse
import pathlib

import numpy as np
from PIL import Image, ImageOps
from skimage.feature import hog
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.svm import LinearSVC


def read(folder, classes, side):
    rows, labels = [], []
    for label, name in enumerate(classes):
        for file in sorted((folder / name).iterdir()):
            picture = ImageOps.exif_transpose(Image.open(file)).convert("RGB")
            picture = ImageOps.fit(picture, (side, side), Image.BILINEAR)
            cell = max(2, side // 4)
            rows.append(
                hog(
                    np.asarray(picture),
                    orientations=9,
                    pixels_per_cell=(cell, cell),
                    cells_per_block=(2, 2),
                    channel_axis=-1,
                )
            )
            labels.append(label)
    return np.array(rows), np.array(labels)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--side", type=int, default=64)
    args = parser.parse_args()
    classes = sorted(p.name for p in (args.folder / "train").iterdir() if p.is_dir())
    train, train_labels = read(args.folder / "train", classes, args.side)
    test, test_labels = read(args.folder / "test", classes, args.side)
    folds = StratifiedKFold(5, shuffle=True, random_state=1)
    machine = GridSearchCV(
        LinearSVC(class_weight="balanced", max_iter=5000),
        {"C": [1e-2, 1e-1, 1, 10]},
        cv=folds,
        scoring="balanced_accuracy",
    )
    machine.fit(train, train_labels)
    found = machine.predict(test)
    crossed = cross_val_score(machine.best_estimator_, train, train_labels, cv=folds)
    print(
        "accuracy %.4f, balanced %.4f on %d test images; cross-validated %.4f on %d"
        % (
            np.mean(found == test_labels),
            balanced_accuracy_score(test_labels, found),
            len(test_labels),
            crossed.mean(),
            len(train_labels),
        )
    )


if __name__ == "__main__":
    main()
