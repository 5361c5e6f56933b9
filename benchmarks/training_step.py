"""A training step (forward, loss, backward, clip, fused Adam) of our model, its plain form and its predecessor.

    python benchmarks/training_step.py [--quick] [--sizes 1000,2000,4 ...] [--threads 1] [--rounds 3]
                                       [--device cpu|cuda] [--precision fp32|bf16|both] [--only NAME ...]

All have D 128, H 8, K 6, R 8 and a feed-forward width of 128. Ours with neither text (T 1) nor cross-attention is held
against the predecessor (`reference/predecessor.py`), which has neither; ours whole (T 768) against the equations
written straight down (`reference/plain.py`). Models whose name says "graph" attend along the graph alone: another
model, compared with the predecessor too. Data are random (`synthetic.py`).

Each model has a process of its own, and they take turns. Seconds are the best of the rounds, each of one step after
another that is not timed; rates and ratios go by those of the processor with one thread, else by those of the clock. GB
is the most memory that the process held, interpreter and libraries included; "beyond" leaves out what these take.

GFLOP counts, of a step and the same for all forms of one model, what cannot be avoided:

- gene attention 14 B G^2 D K: two products of 2 B G^2 D forward, five backward, where one is computed anew; along the
  graph, 14 B (2 E + G + 2 G N) D K with N global tokens;
- linear maps of the gene encoder 6 B G K (4 D^2 + 2 D F) with F the feed-forward width;
- cross-attention 14 B P^2 D K, and its linear maps 12 B P D^2 K for cells and 12 P T D K for sentences.

Expander, path aggregation, norms and read-out are left out, so that the rate is too low rather than too high. Its share
is that of the rate of a large square matrix product of the same precision, measured in the same rounds. The last lines
are the ratios.
"""

import argparse
from typing import Any

from jobs import Cost, Job, Size
from workers import measure

NO_TEXT = {"cross_attention": False}
QUICK = ["500,1000,2"]
SIZES = ["1000,2000,4"]
D, K, F = 128, 6, 128
EDGES_PER_GENE, TOKENS = 3, 4


def jobs_of(size: Size, precisions: list[str], device: str, threads: int) -> dict[str, Job]:
    """Every model at one size, and the matrix products."""
    common = {"device": device, "threads": threads}
    jobs = {
        "predecessor, fp32": Job("predecessor", size, text_width=1, **common),
        "plain without text, fp32": Job("plain", size, NO_TEXT, text_width=1, **common),
        "plain, fp32": Job("plain", size, **common),
    }
    for precision in precisions:
        how = common | {"precision": precision}
        jobs[f"ours without text, {precision}"] = Job("ours", size, NO_TEXT, text_width=1, **how)
        along = NO_TEXT | {"attention": "graph", "global_tokens": TOKENS}
        jobs[f"ours without text, graph, {precision}"] = Job("ours", size, along, text_width=1, **how)
        jobs[f"ours, {precision}"] = Job("ours", size, **how)
    n = 2048 if device == "cpu" else 8192
    for precision in dict.fromkeys(["fp32", *precisions]):
        jobs[f"matrix product, {precision}"] = Job("matmul", Size(n, 0, 0), precision=precision, **common)
    return jobs


def reference_of(name: str) -> str | None:
    """What a model is compared with."""
    if "without text" in name:
        return "predecessor, fp32"
    return "plain, fp32" if name.startswith("ours") else None


def gflop(job: Job) -> float:
    """Count; see above."""
    G, P, B = job.size
    if job.kind == "matmul":
        return 2 * G**3 / 1e9
    pairs = G * G if job.config.get("attention") != "graph" else G * (2 * EDGES_PER_GENE + 1 + 2 * TOKENS)
    count = 14 * B * pairs * D * K + 6 * B * G * K * (4 * D * D + 2 * D * F)
    if job.kind != "predecessor" and job.config.get("cross_attention", True):
        count += 14 * B * P * P * D * K + 12 * B * P * D * D * K + 12 * P * job.text_width * D * K
    return count / 1e9


def table(jobs: dict[str, Job], costs: dict[str, Cost], clock: str) -> tuple[list[str], list[str]]:
    """Lines of the table, and those of the ratios."""
    seconds = {name: getattr(cost, clock) for name, cost in costs.items()}
    rates = {name: gflop(jobs[name]) / seconds[name] for name in costs}
    rows = [
        "| model | CPU s | clock s | GB | beyond | GFLOP | GFLOP/s | of peak |",
        "|---|---|---|---|---|---|---|---|",
    ]
    ratios = []
    for name, cost in costs.items():
        peak, against = f"matrix product, {jobs[name].precision}", reference_of(name)
        share = f"{rates[name] / rates[peak]:.0%}" if peak in rates else ""
        numbers = f"{cost.cpu:.3f} | {cost.wall:.3f} | {cost.peak:.2f} | {cost.beyond:.2f} | {gflop(jobs[name]):.1f}"
        rows.append(f"| {name} | {numbers} | {rates[name]:.1f} | {share} |")
        if against in costs:
            time, memory = seconds[against] / seconds[name], costs[against].peak / cost.peak
            ratios.append(f"{against} / {name}: time {time:.1f}x, memory {memory:.1f}x")
    return rows, ratios


def clock_of(how: dict[str, Any]) -> str:
    """Which seconds count: those of the processor where other work beside would falsify those of the clock alone."""
    return "cpu" if how["device"] == "cpu" and how["threads"] == 1 else "wall"


def main(arguments: argparse.Namespace) -> None:
    """Print a table for each size, then all ratios."""
    sizes = arguments.sizes or (QUICK if arguments.quick else SIZES)
    precisions = ["fp32", "bf16"] if arguments.precision == "both" else [arguments.precision]
    clock = clock_of(vars(arguments))
    ratios = []
    for size in map(Size.of, sizes):
        jobs = jobs_of(size, precisions, arguments.device, arguments.threads)
        chosen = [name for name in jobs if not arguments.only or any(part in name for part in arguments.only)]
        wanted = {*chosen, *map(reference_of, chosen), *(name for name in jobs if name.startswith("matrix"))}
        jobs = {name: job for name, job in jobs.items() if name in wanted}
        costs, failures = measure(jobs, arguments.rounds or (1 if arguments.quick else 3))
        rows, found = table(jobs, costs, clock)
        print(f"\n{size}, {arguments.threads} threads, {arguments.device}; rates and ratios by {clock} seconds\n")
        print("\n".join([*rows, *(f"not run: {name}: {why}" for name, why in failures.items())]), flush=True)
        ratios += [f"{size.G},{size.P},{size.B}: {line}" for line in found]
    print("\n" + "\n".join(ratios))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", nargs="+", metavar="G,P,B", help=f"genes, paths, cells (default {SIZES[0]})")
    parser.add_argument("--quick", action="store_true", help="a small size, one round")
    parser.add_argument("--rounds", type=int, help="of which the best counts (default 3)")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu", help="where")
    parser.add_argument("--precision", choices=["fp32", "bf16", "both"], default="both", help="of ours")
    parser.add_argument(
        "--only", nargs="+", metavar="PART", help="models whose name holds one of these (and references)"
    )
    main(parser.parse_args())
