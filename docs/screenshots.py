"""Take the pictures of MLflow's and Kedro-Viz' pages: ``python docs/screenshots.py [--env demo]``, after a run.

It starts both servers on this machine alone, opens their pages in a headless Chromium, writes
``docs/images/mlflow_*.png`` and ``docs/images/viz_*.png``, and ends what it started.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
MLFLOW, VIZ = "http://127.0.0.1:5055", "http://127.0.0.1:4155"
WAIT = 8.0
"""Seconds for charts to be drawn."""

TRAINING = "?workflowType=machine_learning"
"""MLflow opens in the mode for language models; this is model training."""

CLOSE = """document.querySelectorAll('[data-component-id="mlflow.assistant.chat_panel.close"], .feature-hints__close, '
  + '.update-reminder-unexpanded__dismiss, .feature-hints__close-button').forEach(one => one.click())"""
"""Panels that lie over or beside what is looked at."""

OFFLINE = {"DO_NOT_TRACK": "true", "MLFLOW_DISABLE_TELEMETRY": "true"}


def main() -> None:
    """Start, look, end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--env", default="demo", help="environment that was run")
    parser.add_argument("--only", choices=["mlflow", "viz"])
    parser.add_argument("--to", type=Path, default=IMAGES)
    wanted = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests" / "helpers"))
    from browser import Browser

    commands = {
        "mlflow": [
            "mlflow",
            "ui",
            "--backend-store-uri",
            "sqlite:///mlflow.db",
            "--port",
            MLFLOW[-4:],
            "--workers",
            "1",
        ],
        "viz": ["kedro", "viz", "run", "--port", VIZ[-4:], "--no-browser", "--env", wanted.env],
    }
    addresses = {"mlflow": f"{MLFLOW}/health", "viz": f"{VIZ}/api/main"}
    for name, command in commands.items():
        if wanted.only in (None, name):
            started = subprocess.Popen(
                [sys.executable, "-m", *command, "--host", "127.0.0.1"],
                cwd=ROOT,
                env={**os.environ, **OFFLINE},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            browser = Browser()
            try:
                wait_for(addresses[name])
                (look_at_mlflow if name == "mlflow" else look_at_viz)(browser, wanted.env, wanted.to)
            finally:
                browser.close()
                started.terminate()
                started.wait(30)


def look_at_mlflow(browser: "Browser", env: str, folder: Path) -> None:  # noqa: F821
    """The table of runs, then the newest run: overview, curves, table of paths, report; then its model."""
    import mlflow

    client = mlflow.MlflowClient(f"sqlite:///{ROOT / 'mlflow.db'}")
    experiment = client.get_experiment_by_name(f"pathlore/{env}")
    run = client.search_runs([experiment.experiment_id])[0]
    place = f"{MLFLOW}/#/experiments/{experiment.experiment_id}"
    one = f"{place}/runs/{run.info.run_id}"
    shot(browser, f"{place}/runs{TRAINING}", run.info.run_name, folder / "mlflow_runs.png")
    shot(browser, f"{one}{TRAINING}", "Verdict", folder / "mlflow_run.png", height=1400)
    shot(browser, f"{one}/model-metrics{TRAINING}", "log10_learning_rate", folder / "mlflow_curves.png")
    shot(
        browser,
        f"{one}/artifacts/tables/path_importance_pooled.json{TRAINING}",
        "direction",
        folder / "mlflow_paths.png",
    )
    shot(browser, f"{one}/artifacts/report/report.html{TRAINING}", "report", folder / "mlflow_report.png")
    for output in run.outputs.model_outputs[:1]:
        shot(browser, f"{place}/models/{output.model_id}{TRAINING}", "bundle", folder / "mlflow_model.png", height=1400)


def look_at_viz(browser: "Browser", env: str, folder: Path) -> None:  # noqa: F821
    """Each registered pipeline, and the table of paths beside the flowchart."""
    from pathlore.pipeline_registry import register_pipelines

    with urlopen(f"{VIZ}/api/main") as answer:
        ids = {node["name"]: node["id"] for node in json.load(answer)["nodes"]}
    place = f"{VIZ}/?pid=interpretation&expandAllPipelines=true"
    shot(browser, f"{place}&sid={ids['path_importance']}", "route", folder / "viz_paths.png", width=1600)
    for name in register_pipelines():
        place = f"{VIZ}/?pid={name}&expandAllPipelines=true"
        shot(browser, place, "reporting", folder / f"viz_{name.strip('_')}.png", width=1600)


def shot(browser: "Browser", address: str, text: str, file: Path, width: int = 1280, height: int = 900) -> None:  # noqa: F821
    """Open an address, wait for a text on the page, and keep what is seen."""
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
    browser.call("Page.navigate", url="about:blank")
    browser.call("Page.navigate", url=address)
    try:
        browser.wait(f"document.body && document.body.innerText.includes({text!r})", 60)
    except TimeoutError:
        sys.stderr.write(f"{address}: '{text}' is not on the page\n")
    browser.ask(CLOSE)
    time.sleep(WAIT)
    browser.screenshot(file, whole=False)


def wait_for(address: str, seconds: float = 300) -> None:
    """Wait until a server answers."""
    until = time.monotonic() + seconds
    while True:
        try:
            with urlopen(address, timeout=20):
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(1)


if __name__ == "__main__":
    main()
