"""Shapes a scikit-learn classifier: accuracy against the time of one prediction.

Run it in as many processes as you like with the number of one study:

    LATHE_KEY_FILE=~/.lathe/keys/admin.key python scikit_learn.py            # begins a study
    LATHE_KEY_FILE=~/.lathe/keys/admin.key python scikit_learn.py 12         # helps with study 12
"""

import sys
import time
import uuid

from lathe import Lathe
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

SPACE = {
    "genes": [
        {"name": "width", "choices": [8, 16, 32, 64, 128]},
        {"name": "layers", "choices": [1, 2, 3]},
        {"name": "activation", "choices": ["relu", "tanh"]},
    ]
}


def evaluate(genes):
    digits = load_digits()
    x, x_test, y, y_test = train_test_split(digits.data / 16, digits.target, random_state=0)
    layers = (int(genes["width"]),) * int(genes["layers"])
    model = MLPClassifier(layers, activation=genes["activation"], max_iter=60, random_state=0)
    model.fit(x, y)
    times = []
    for _ in range(50):
        start = time.perf_counter()
        model.predict(x_test[:1])
        times.append(1000 * (time.perf_counter() - start))
    times.sort()
    return {
        "accuracy": model.score(x_test, y_test),
        "latency@here": {"value": times[25], "lower": times[5], "upper": times[45]},
    }


def main():
    lathe = Lathe()
    study = (
        lathe.study(sys.argv[1])
        if len(sys.argv) > 1
        else lathe.begin(
            SPACE,
            [{"maximize": "accuracy"}, {"minimize": "latency@here"}],
            method={"name": "predictor", "initial": 8},
            name="digits",
        )
    )
    print("study", study.id)
    client = uuid.uuid4().hex
    for _ in range(20):
        for suggestion in study.ask(client):
            try:
                study.tell(suggestion, evaluate(suggestion.architecture))
            except ValueError as error:
                study.fail(suggestion, str(error))
    for candidate in study.front():
        print(candidate["architecture"], candidate["figures"]["accuracy"]["value"])


if __name__ == "__main__":
    main()
