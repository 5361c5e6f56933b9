import subprocess
import sys

import pytest

from pathlore.text.encoders import make_encoder


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
