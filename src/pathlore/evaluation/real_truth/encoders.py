"""Which text model: encoders, and what takes their place, on the same network and experiments of real truth."""

import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from pathlore.config import MAIN_ENCODER, EncoderConfig, EvaluationParameters, TruthConfig, TuningConfig, check
from pathlore.errors import PathloreError
from pathlore.keys import Kind
from pathlore.signals.inputs import described_texts
from pathlore.signals.profiles import NETWORK, TEXT, GeneTexts, SignalProfiles, make_profiles, permuted_texts
from pathlore.signals.rank import receptor_scores
from pathlore.signals.truth.experiments import RECEPTOR, Experiments, family_of
from pathlore.signals.truth.judge import difference_row, mean_of, per_ligand, per_signature, summary_row
from pathlore.signals.vectors import centred_unit
from pathlore.text.encoders import make_encoder
from pathlore.text.sentences import gene_sentences

logger = logging.getLogger(__name__)

AXIS = "encoders"
PREFIX = "text_embedding.encoder."
TUNING = "text_embedding.tuning."
FOLDS = 5
"""Parts of the families, each of which is held out once where vectors are tuned."""

NO_TEXT, NETWORK_VECTORS, PERMUTED, ONE_HOT = "no_text", "network_vectors", "permuted", "one_hot_pathway"
CHOSEN = "chosen_on_other_families"
ALONE, WITH_NETWORK = "alone", "with_network"
ALL = "all"
"""All measured experiments together; a ligand of several sources counts once."""

COLUMNS = [
    "model", "data", "unit", "auroc", "low", "high", "gain", "gain_low", "gain_high", "median_rank", "top5", "n",
    "width", "seconds", "tokens_per_second", "note",
]  # fmt: skip


@dataclass(frozen=True)
class TextModel:
    """Vectors of genes by one encoder.

    Attributes
    ----------
    texts
        Their kinds; several are summed as standardised affinities.
    seconds
        Of encoding, the loading of a model included; NaN for a control.
    tokens_per_second
        NaN where no tokens are read.
    note
        What a reader has to know.
    """

    texts: list[GeneTexts]
    seconds: float = float("nan")
    tokens_per_second: float = float("nan")
    note: str = ""

    @property
    def width(self) -> float:
        """T, of all kinds together; NaN without vectors."""
        return float(sum(kind.vectors.shape[1] for kind in self.texts)) if self.texts else float("nan")


class Chosen(NamedTuple):
    """An encoder, and whether its vectors are tuned."""

    encoder: EncoderConfig
    tuning: TuningConfig = TuningConfig()

    @property
    def tuned(self) -> bool:
        """Whether they are."""
        return self.tuning.kind != "none"

    @property
    def control(self) -> bool:
        """Whether the vectors have no meaning."""
        return self.encoder.kind in ("random", "zero") or self.encoder.weights == "random"


def encoders_of(config: EvaluationParameters, encoder: EncoderConfig) -> dict[str, Chosen]:
    """The encoder of the run, and those on the axis `encoders`; none where that axis is not asked for.

    Raises
    ------
    PathloreError
        A value is not one of an encoder's parameters, or of their tuning.
    """
    if AXIS not in config.chosen.axes:
        return {}
    found = {MAIN_ENCODER: Chosen(encoder)}
    for name, changes in config.variants.get(AXIS, {}).items():
        where = f"evaluation.variants.{AXIS}.{name}"
        encoding, tuning = (
            {key.removeprefix(start): value for key, value in changes.items() if key.startswith(start)}
            for start in (PREFIX, TUNING)
        )
        if encoding or tuning:
            changed = check(EncoderConfig, encoder.model_dump() | encoding, where)
            found[name] = Chosen(changed, check(TuningConfig, tuning, where))
    return found


def compare_encoders(
    experiments: Sequence[Experiments],
    network: pd.DataFrame,
    annotations: pd.DataFrame,
    encoders: Mapping[str, Chosen],
    config: TruthConfig,
) -> pd.DataFrame:
    """Judge text models by how well they find the receptors of known ligands, alone and with walk and network.

    ======================== =========================================================================================
    model                    vectors of the genes
    ======================== =========================================================================================
    encoders                 of the sentences with a description; a tuned one is tuned to the network's associations
                             without the ligands and receptors of a fifth of the families, and judged on that fifth
    ``no_text``              none: walk and network by themselves
    ``network_vectors``      of the network (unit ``alone``)
    ``permuted``             those of the first encoder, permuted over the genes; mean over ``config.draws``
    ``one_hot_pathway``      which named pathways of the network a gene is in: the label that texts repeat
    pairs, ``a + b``         the sum of the standardised affinities of two encoders of another kind, model or terms
    ``chosen_on_other_...``  for each family of ligands, the encoder or pair that is best on all other families
    ======================== =========================================================================================

    Parameters
    ----------
    experiments
        Sources.
    network, annotations
        `pathlore.schemas.Network` and `pathlore.schemas.GeneAnnotations`, the same for all.
    encoders
        Name -> parameters, the first being what the others are compared with.
    config
        Draws, resamples and seed.

    Returns
    -------
    `pathlore.schemas.RealTruthEncoders`; ``gain`` is the AUROC less that of the first encoder on the same ligands. An
    encoder that cannot be loaded has one row with a note and no figures.
    """
    real = make_profiles(network, [])
    models, absent = _models(network, annotations, encoders)
    folds: dict[str, list[tuple[set[str], TextModel]]] = {}
    meaningful = [name for name in encoders if name in models and not encoders[name].control]
    families = sorted({family for source in experiments for family in source.families})
    for name, chosen in encoders.items():
        if chosen.tuned and name not in absent:
            folds[name] = _tuned(name, chosen, families, experiments, network, annotations, absent)
    unlike = {_manner(chosen.encoder): name for name, chosen in reversed(list(encoders.items())) if name in meaningful}
    pairs = {
        f"{a} + {b}": TextModel(models[a].texts + models[b].texts)
        for a, b in combinations([name for name in meaningful if name in unlike.values()], 2)
    }
    judged: dict[tuple[str, str, str], pd.DataFrame] = {}
    for source in experiments:
        for name, model in (models | pairs).items():
            for unit, table in _judged(real, model.texts, source, network).items():
                judged[name, source.name, unit] = table
        for name, parts in folds.items():
            for unit in (ALONE, WITH_NETWORK) if parts else ():
                tables = [_judged(real, model.texts, source, network)[unit] for _, model in parts]
                kept = [t[t["family"].isin(chosen)] for (chosen, _), t in zip(parts, tables, strict=True)]
                judged[name, source.name, unit] = pd.concat(kept, ignore_index=True)
        _add_permuted(judged, real, models[next(iter(encoders))], source, network, config)
        logger.info("Text models on %s: %d judged", source.name, len(models) + len(pairs))
    measured = [source.name for source in experiments if source.name not in config.semi_real]
    for name, unit in dict.fromkeys((name, unit) for name, _, unit in judged):
        parts = [judged[name, data, unit].assign(source=data) for data in measured if (name, data, unit) in judged]
        judged[name, ALL, unit] = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    for unit in (ALONE, WITH_NETWORK):
        candidates = {name: judged[name, ALL, unit] for name in [*meaningful, *pairs]}
        if len(candidates) > 1 and len(set(next(iter(candidates.values()))["family"])) > 1:
            judged[CHOSEN, ALL, unit], note = nested_choice(candidates)
            models[CHOSEN] = replace(models.get(CHOSEN, TextModel([])), note=note if unit == WITH_NETWORK else "")
    for name, parts in folds.items():
        if parts:
            seconds = float(np.nansum([model.seconds for _, model in parts]))
            models[name] = replace(parts[0][1], seconds=seconds, note="; ".join(model.note for _, model in parts))
    first = next(iter(encoders))
    rows = [
        _row(key, table, judged.get((first, *key[1:])), (models | pairs).get(key[0], TextModel([])), config)
        for key, table in judged.items()
        if len(table)
    ]
    rows += [{"model": name, "note": note} for name, note in absent.items()]
    return pd.DataFrame(rows).reindex(columns=COLUMNS)


def nested_choice(candidates: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, str]:
    """Judge each family of ligands by the candidate that is best on all other families.

    Parameters
    ----------
    candidates
        Name -> table of `per_signature`, all of the same signatures.

    Returns
    -------
    judged, note
        The signatures, each by the candidate chosen for its family; and how often each was chosen.
    """
    ligands = {name: per_ligand(table) for name, table in candidates.items()}
    parts, chosen = [], Counter[str]()
    for family in sorted(next(iter(ligands.values()))["family"].unique()):
        others = {
            name: table_of.loc[table_of["family"] != family, "auroc"].mean() for name, table_of in ligands.items()
        }
        best = max(others, key=others.__getitem__)
        chosen[best] += 1
        table = candidates[best]
        parts.append(table[table["family"] == family])
    said = ", ".join(f"{name} {n}x" for name, n in chosen.most_common())
    return pd.concat(parts, ignore_index=True), f"chosen: {said}"


def pathway_texts(network: pd.DataFrame) -> GeneTexts | None:
    """Which named pathways of the network each gene is in, as vectors; None where none is named."""
    named = network[network["pathway"].fillna("") != ""]
    if named.empty:
        return None
    each = named.assign(pathway=named["pathway"].str.split(";")).explode("pathway")
    ends = pd.concat([each[["source", "pathway"]].set_axis(["gene", "pathway"], axis=1),
                      each[["target", "pathway"]].set_axis(["gene", "pathway"], axis=1)])  # fmt: skip
    member = pd.crosstab(ends["gene"], ends["pathway"]) > 0
    return GeneTexts(member.index.tolist(), centred_unit(member.to_numpy(dtype=float)))


def _models(
    network: pd.DataFrame, annotations: pd.DataFrame, encoders: Mapping[str, Chosen]
) -> tuple[dict[str, TextModel], dict[str, str]]:
    """Frozen text models by name, and why others are absent."""
    models, absent = {}, {}
    for name, chosen in encoders.items():
        if chosen.tuned:
            continue
        try:
            models[name] = _encoded(annotations, chosen.encoder)
        except PathloreError as error:
            if name == next(iter(encoders)):
                raise
            absent[name] = str(error)
            logger.warning("The encoder '%s' is left out: %s", name, error)
    models[NO_TEXT] = TextModel([])
    one_hot = pathway_texts(network)
    if one_hot is not None:
        models[ONE_HOT] = TextModel([one_hot])
    return models, absent


def _tuned(
    name: str,
    chosen: Chosen,
    families: Sequence[str],
    experiments: Sequence[Experiments],
    network: pd.DataFrame,
    annotations: pd.DataFrame,
    absent: dict[str, str],
) -> list[tuple[set[str], TextModel]]:
    """For each part of the families, vectors tuned without its ligands and receptors; ``absent`` takes a failure."""
    from pathlore.text.tuning import tune_linear, tune_lora

    made = []
    try:
        kept = Path(chosen.encoder.cache).expanduser() if chosen.encoder.cache else None
        frozen = described_texts(annotations, make_encoder(chosen.encoder), kept)
        sentences = gene_sentences(frozen.genes, annotations)
        text_of = dict(zip(sentences["key"], sentences["text"], strict=True))
        for part in (set(families[i::FOLDS]) for i in range(FOLDS)):
            if not part:
                continue
            hidden = held_out_genes(network, experiments, part)
            ends = zip(network["source"], network["target"], strict=True)
            pairs = sorted({(a, b) for a, b in ends if a not in hidden and b not in hidden})
            if chosen.tuning.kind == "linear":
                project, done = tune_linear(frozen.genes, frozen.vectors, pairs, chosen.tuning)
                vectors = project(frozen.vectors)
            else:
                encoder, done = tune_lora(text_of, pairs, chosen.encoder, chosen.tuning)
                vectors = encoder.encode([text_of[gene] for gene in frozen.genes])
            texts = GeneTexts(frozen.genes, centred_unit(vectors))
            note = f"epoch {done.best}, held-out loss {done.losses[0]:.3f} -> {done.losses[done.best]:.3f}"
            made.append((part, TextModel([texts], done.seconds, note=note)))
    except PathloreError as error:
        absent[name] = str(error)
        logger.warning("The encoder '%s' is left out: %s", name, error)
        return []
    return made


def held_out_genes(network: pd.DataFrame, experiments: Sequence[Experiments], families: set[str]) -> set[str]:
    """Ligands of some families, those that were given and all others of the same family, with their receptors."""
    bonds = network[network["kind"] == Kind.LIGAND_RECEPTOR]
    given = {
        name.strip().removeprefix(RECEPTOR)
        for source in experiments
        for signature, family in source.families.items()
        if family in families
        for name in source.ligands[signature].split(",")
    }
    ligands = given | {ligand for ligand in bonds["source"] if family_of(ligand) in families}
    return ligands | set(bonds.loc[bonds["source"].isin(ligands), "target"])


def _manner(config: EncoderConfig) -> tuple[str, str]:
    """What two encoders have to differ in to say different things: two widths of one kind do not."""
    return config.kind, config.terms if config.kind == "lsa" else config.model


def _encoded(annotations: pd.DataFrame, config: EncoderConfig) -> TextModel:
    """Encode without any cache, so that the time is that of the encoder."""
    begin = time.perf_counter()
    encoder = make_encoder(config)
    texts = described_texts(annotations, encoder)
    seconds = time.perf_counter() - begin
    count = getattr(encoder, "n_tokens", None)
    descriptions = annotations.loc[annotations["description"] != "", "description"].tolist()
    return TextModel([texts], seconds, count(descriptions) / seconds if count else float("nan"))


def _judged(
    real: SignalProfiles, texts: Sequence[GeneTexts], source: Experiments, network: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Unit -> each signature judged."""
    made = receptor_scores(replace(real, texts=list(texts)), source.effects)
    truth = source.truth(network, real.receptors)
    columns = source.effects.columns
    units = {WITH_NETWORK: made.score} | ({ALONE: made.parts[TEXT]} if TEXT in made.parts else {})
    return {
        unit: per_signature(scores, truth, source.ligands[columns], source.families[columns])
        for unit, scores in units.items()
    }


def _add_permuted(
    judged: dict[tuple[str, str, str], pd.DataFrame],
    real: SignalProfiles,
    model: TextModel,
    source: Experiments,
    network: pd.DataFrame,
    config: TruthConfig,
) -> None:
    """The vectors of a model permuted over the genes, and the network's own vectors."""
    draws = [_judged(real, permuted_texts(model.texts, seed), source, network) for seed in range(config.draws)]
    for unit in draws[0]:
        judged[PERMUTED, source.name, unit] = mean_of([draw[unit] for draw in draws])
    columns = source.effects.columns
    scores = receptor_scores(real, source.effects).parts[NETWORK]
    labels = source.ligands[columns], source.families[columns]
    judged[NETWORK_VECTORS, source.name, ALONE] = per_signature(scores, source.truth(network, real.receptors), *labels)


def _row(
    key: tuple[str, str, str], table: pd.DataFrame, first: pd.DataFrame | None, model: TextModel, config: TruthConfig
) -> dict[str, object]:
    name, data, unit = key
    row = summary_row(name, data, unit, table, config.resamples, config.seed)
    gain: dict[str, object] = {"gain": np.nan, "gain_low": np.nan, "gain_high": np.nan}
    if first is not None and first is not table:
        other = difference_row((name, ""), data, unit, (table, first), config.resamples, config.seed)
        gain = {"gain": other["auroc"], "gain_low": other["low"], "gain_high": other["high"]}
    about = {"width": model.width, "seconds": model.seconds, "tokens_per_second": model.tokens_per_second}
    return {"model": row.pop("scorer")} | row | gain | about | {"note": model.note}
