import subprocess
import sys

import pytest

from pathlore.text.encoders import encoder_choice, make_encoder


@pytest.mark.parametrize(
    ("kind", "cacheable"), [("transformers", True), ("lsa", False), ("random", False), ("zero", False)]
)
def test_each_kind(encoder_config, kind, cacheable):
    encoder = make_encoder(encoder_config(kind=kind))
    assert type(encoder).__name__.lower().startswith(kind)
    assert encoder.cacheable is cacheable
    if kind != "transformers":
        assert encoder.version().startswith(kind)


def test_importing_the_package_imports_nothing_heavy():
    code = (
        "import sys, pathlore.text.embedding, pathlore.text.transformers_encoder, pathlore.text.lsa_encoder; "
        "print([m for m in ('torch', 'transformers', 'sklearn', 'kedro', 'mlflow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_one_word_names_a_kind_a_preset_a_file_or_a_model(tmp_path):
    file = tmp_path / "vectors.csv"
    file.write_text("gene,a,b\nJAK1,1,2\n")
    assert encoder_choice("zero") == {"kind": "zero"}
    assert encoder_choice("minilm") == {"kind": "transformers", "model": "minilm"}
    assert encoder_choice("wordllama")["kind"] == "static"
    assert encoder_choice(str(file)) == {"kind": "vectors", "model": str(file)}
    assert encoder_choice(str(tmp_path)) == {"kind": "transformers", "model": str(tmp_path)}
