"""No code from data: what the source never does, whatever it is given."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [
    *sorted((ROOT / "src" / "pathlore").rglob("*.py")),
    *sorted((ROOT / "benchmarks").rglob("*.py")),
    *sorted((ROOT / "docs").glob("*.py")),
]
UNPICKLES = {"pickle", "cPickle", "dill", "joblib", "cloudpickle", "shelve", "marshal"}
UNPACKS = {"extractall", "unpack_archive", "extract"}
TEXTS = [
    ROOT / "Makefile",
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted(ROOT.glob("conf/**/*.yml")),
]
SERVERS = re.compile(r"(?:mlflow (?:ui|server|models serve)|kedro viz(?: run)?|http\.server)\b[^\n`]*")


def dotted(node):
    """``a.b.c`` of what is called."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def faults(tree):
    """Line and reason of everything that would let somebody in."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            yield from ((node.lineno, f"imports {name}") for name in names if name.split(".")[0] in UNPICKLES)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "0.0.0.0" in node.value:
            yield node.lineno, "binds to every address"
        elif isinstance(node, ast.Call):
            name, given = dotted(node.func), {word.arg: word.value for word in node.keywords}
            safe = given.get("weights_only")
            if name in ("eval", "exec", "os.system", "os.popen"):
                yield node.lineno, f"calls {name}"
            elif name == "torch.load" and not (isinstance(safe, ast.Constant) and safe.value is True):
                yield node.lineno, "torch.load without weights_only=True"
            elif name in ("yaml.load", "yaml.unsafe_load", "yaml.full_load", "yaml.load_all"):
                yield node.lineno, f"calls {name}"
            elif name in ("np.load", "numpy.load", "pd.read_pickle", "pandas.read_pickle"):
                allowed = given.get("allow_pickle")
                if "pickle" in name or (isinstance(allowed, ast.Constant) and allowed.value):
                    yield node.lineno, f"{name} unpickles"
            elif name.rpartition(".")[2] in UNPACKS and ".str." not in name:
                yield node.lineno, f"{name} unpacks to the disk"
            elif isinstance(given.get("shell"), ast.Constant) and given["shell"].value:
                yield node.lineno, "runs a shell"
            elif isinstance(given.get("verify"), ast.Constant) and given["verify"].value is False:
                yield node.lineno, "does not verify a certificate"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_lets_somebody_in(path):
    assert list(faults(ast.parse(path.read_text()))) == []


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from joblib import load",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "yaml.load(text, Loader=yaml.Loader)",
        "eval(text)",
        "numpy.load(path, allow_pickle=True)",
        "pd.read_pickle(path)",
        "archive.extractall(folder)",
        "shutil.unpack_archive(path)",
        "subprocess.run(text, shell=True)",
        "requests.get(url, verify=False)",
        "host = '0.0.0.0'",
    ],
)
def test_what_would_is_found(code):
    assert len(list(faults(ast.parse(code)))) == 1


def test_servers_listen_on_this_machine_alone():
    commands = [(path, found.group()) for path in TEXTS for found in SERVERS.finditer(path.read_text())]
    starts = [(path, text) for path, text in commands if re.search(r"--host|--port|--env|-uri|--model|-m ", text)]
    assert starts
    for path, text in commands:
        assert "0.0.0.0" not in text, path
        if "--host" in text:
            assert re.search(r"--host[ =](127\.0\.0\.1|localhost)", text), (path, text)
    makefile = [text for path, text in commands if path.name == "Makefile"]
    assert makefile
    assert all("--host 127.0.0.1" in text for text in makefile)


def test_what_is_installed_fits_together():
    """An audit that needs no network: every requirement is there, in a version that the others accept."""
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_exact_versions_are_locked_with_the_checksums_of_their_files():
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    assert [line for line in lines if re.match(r"# torch==[\w.]+ ", line)]
    found = re.findall(r"^(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})*)$", "\n".join(lines), re.MULTILINE)
    assert len(found) > 100
    assert [name for name, hashes in found if not hashes or not re.fullmatch(r"[\w.\-]+==[\w.+!]+", name)] == []
    rest = [line for line in lines if not line.startswith(("#", "    --hash=")) and not line.endswith(" \\")]
    assert rest == [], "each line is a version, a hash or a comment"
