"""How a training step of our model grows with genes, paths, cells and layers, and how fast it predicts.

    python benchmarks/scaling.py [--quick] [--no-cross-attention] [--attention dense|graph] [--start G,P,B,K]
                                 [--largest] [--machines] [--paths]
                                 [--threads 1] [--device cpu|cuda] [--precision fp32|bf16]

One amount at a time is doubled twice, the others stay; the exponent is the slope of log seconds over log amount, fitted
to the three points. Without other options, steps are of the whole model (T 768, cross-attention, D 128, H 8, R 8).
Prediction is a forward pass in evaluation, beside that of the plain equations. ``--largest`` runs a step without
cross-attention at (4000, 10000, 8) and nothing else, ``--machines`` one of the whole model, and one without
cross-attention, at sizes from small to large: which machine is needed; ``--paths`` steps of the default model from
1,000 to 8,000 paths, which read groups of sentences, each sentence, or none. Workers, clocks and memory are those of
`training_step.py`. The last lines are the summary.
"""

import argparse
import math
from itertools import pairwise
from statistics import linear_regression
from typing import Any

from jobs import Cost, Job, Size
from training_step import NO_TEXT, clock_of
from workers import measure

START = {"G": 500, "P": 500, "B": 2, "K": 2}
QUICK_START = {"G": 150, "P": 150, "B": 2, "K": 1}
LARGEST = Size(4000, 10000, 8)
MACHINES = [Size(500, 1000, 16), Size(1000, 2000, 16), Size(2000, 2500, 16), Size(4000, 2500, 16)]
PREDICTED = 8  # cells of a forward pass
DEFAULT = {"width": 32, "heads": 2, "layers": 1, "aggregation_heads": 4, "feed_forward": 64}  # of conf/base
READINGS: dict[str, dict[str, Any]] = {
    "200 groups of sentences": {"max_sentences": 200},
    "each sentence": {"max_sentences": None},
    "no sentence": {"cross_attention": "expression"},
}
MANY_PATHS = [Size(900, n_paths, 8) for n_paths in (1000, 2000, 4000, 8000)]


def run(jobs: dict[str, Job], rounds: int) -> dict[str, Cost]:
    """Measure, and print each as a line of the table."""
    costs, failures = measure(jobs, rounds)
    for name, cost in costs.items():
        print(f"| {name} | {cost.cpu:.3f} | {cost.wall:.3f} | {cost.peak:.2f} | {cost.beyond:.2f} |")
    for name, why in failures.items():
        print(f"not run: {name}: {why}")
    return costs


def name_of(amounts: dict[str, int]) -> str:
    """Say the size, as in 'G 500, P 500, B 2, K 2'."""
    return ", ".join(f"{letter} {amount}" for letter, amount in amounts.items())


def exponents(start: dict[str, int], config: dict[str, Any], common: dict[str, Any], rounds: int) -> list[str]:
    """Steps of our model at one, two and four times each amount."""
    sizes = {letter: [start | {letter: factor * start[letter]} for factor in (1, 2, 4)] for letter in start}
    jobs = {}
    for amounts in (amounts for three in sizes.values() for amounts in three):
        G, P, B, K = amounts.values()
        jobs[name_of(amounts)] = Job("ours", Size(G, P, B), config | {"layers": K}, **common)
    costs = run(jobs, rounds)
    lines = []
    for letter, three in sizes.items():
        found = [costs[name_of(amounts)] for amounts in three if name_of(amounts) in costs]
        if len(found) == len(three):
            logs = [math.log2(getattr(cost, clock_of(common))) for cost in found]
            growth = found[-1].beyond / found[0].beyond
            lines.append(f"from {name_of(start)}: seconds ~ {letter}^{linear_regression(range(3), logs).slope:.2f}, ")
            lines[-1] += f"memory beyond the imports x{growth:.1f} for {letter} x4"
    return lines


def prediction(start: dict[str, int], config: dict[str, Any], common: dict[str, Any], rounds: int) -> list[str]:
    """Predict with ours and with the plain equations."""
    size, config = Size(2 * start["G"], 2 * start["P"], PREDICTED), config | {"layers": start["K"]}
    jobs = {f"prediction, {kind}": Job(kind, size, config, train=False, **common) for kind in ("plain", "ours")}
    costs = run(jobs, rounds)
    seconds = {name: getattr(cost, clock_of(common)) * 1000 / PREDICTED for name, cost in costs.items()}
    lines = [f"{name}, {size}, K {start['K']}: {value:.1f} s per 1000 cells" for name, value in seconds.items()]
    if len(seconds) == len(jobs):
        plain, ours = seconds.values()
        lines.append(f"plain / ours, prediction: time {plain / ours:.1f}x")
    return lines


def many_paths(common: dict[str, Any], rounds: int) -> list[str]:
    """Steps of the default model against the number of paths."""
    lines = []
    for name, config in READINGS.items():
        costs = run({f"{name}, {size}": Job("ours", size, DEFAULT | config, **common) for size in MANY_PATHS}, rounds)
        logs = [math.log2(getattr(cost, clock_of(common))) for cost in costs.values()]
        pairs = ", ".join(f"{after - before:.2f}" for before, after in pairwise(logs))
        slope = linear_regression(range(len(logs)), logs).slope
        lines.append(f"{name}: seconds ~ P^{slope:.2f}; from each size to the next {pairs}")
    return lines


def main(arguments: argparse.Namespace) -> None:
    """Print one table, then the summary."""
    common = {"device": arguments.device, "threads": arguments.threads, "precision": arguments.precision}
    rounds, start = (1, QUICK_START) if arguments.quick else (3, START)
    if arguments.start:
        start = dict(zip("GPBK", map(int, arguments.start.split(",")), strict=True))
    config = {"attention": arguments.attention} | (NO_TEXT if arguments.no_cross_attention else {})
    title = f"ours, {arguments.precision}, {arguments.threads} threads, {arguments.device}"
    print(f"| {title} | CPU s | clock s | GB | beyond |\n|---|---|---|---|---|")
    if arguments.largest:
        run({f"without cross-attention, {LARGEST}": Job("ours", LARGEST, config | NO_TEXT, 1, **common)}, 1)
    if arguments.machines:
        for size in MACHINES:  # one at a time: they need the whole machine
            run({f"whole, {size}": Job("ours", size, config, **common)}, 1)
            run({f"without cross-attention, {size}": Job("ours", size, config | NO_TEXT, **common)}, 1)
    if arguments.largest or arguments.machines:
        return
    if arguments.paths:
        print("\n" + "\n".join(many_paths(common, rounds)))
        return
    lines = exponents(start, config, common, rounds) + prediction(start, config, common, rounds)
    print(f"\nby {clock_of(common)} seconds:\n" + "\n".join(lines))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, one round")
    parser.add_argument("--start", metavar="G,P,B,K", help="the amounts that are doubled")
    parser.add_argument("--largest", action="store_true", help=f"a step of {LARGEST} without cross-attention alone")
    parser.add_argument("--machines", action="store_true", help="a step of each of several sizes alone")
    parser.add_argument("--paths", action="store_true", help="steps of the default model from 1,000 to 8,000 paths")
    parser.add_argument("--no-cross-attention", action="store_true", help="paths read no sentences")
    parser.add_argument("--attention", choices=["dense", "graph"], default="dense", help="of the gene encoder")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu", help="where")
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32", help="of both")
    main(parser.parse_args())
