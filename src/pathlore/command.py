"""The command ``pathlore``: what people do most, over Kedro and the Python interface.

The file is not called cli.py: from such a one Kedro would take its own commands, ``kedro run`` among them.
"""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from pathlore import __version__
from pathlore.errors import PathloreError, user_error

logger = logging.getLogger(__name__)

FILE = click.Path(path_type=Path)
NO_PROJECT = (
    "no project is here or above ({here}), a folder with pyproject.toml and conf/ was expected: change to the folder "
    "of the project, which `git clone` made"
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pathlore")
def cli() -> None:
    """Find the signaling paths that tell two conditions apart, and what is written about them.

    \b
    First steps, in the folder of the project:
      pathlore run --env demo            real blood cells, offline
      pathlore report --env demo         its result
      pathlore inspect cells.h5ad        your own cells: is a comparison possible?
                                         writes an environment, conf/NAME
      pathlore run --env NAME            your own run
      pathlore score new.h5ad --env NAME its model on other cells

    `pathlore COMMAND --help` explains a command. Every `kedro` command works too.
    """  # noqa: D301 - click reads the sign


@cli.command()
@click.argument("cells", type=FILE)
@click.option("--name", default="", help="Name of the environment that is written; by default that of the file.")
@click.option("--condition", default="", help="Column of obs that tells the classes apart; by default judged.")
@click.option("--donor", default="", help="Column of obs with the donor; 'none': not known; by default judged.")
@click.option("--cell-type", default="", help="Column of obs with the cell type; 'none': not known; default: judged.")
@click.option("--overwrite", is_flag=True, help="Replace the environment if it is there already.")
def inspect(cells: Path, name: str, condition: str, donor: str, cell_type: str, *, overwrite: bool) -> None:
    """Look at a file of CELLS: h5ad, zarr, loom, 10x, CSV, ...

    Prints facts and findings, the gravest first, and what to do about each. Within a project it also writes an
    environment, conf/NAME, for `pathlore run --env NAME`. Nothing is trained.
    """
    chosen = {"condition": condition, "donor": donor, "cell_type": cell_type}
    project = find_project()
    if project is None:
        from pathlore.api import inspect as inspect_cells

        click.echo(str(inspect_cells(read_cells(cells), **chosen)))
        click.echo(f"\nNo environment was written: {NO_PROJECT.format(here=Path.cwd())}.")
        return
    settings = {"name": name, "overwrite": overwrite, **chosen}
    block = {key: value for key, value in settings.items() if value}
    run_pipeline(project, None, ["inspection"], {"cells": str(cells.absolute()), "inspection": block})


@cli.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.option("--env", "-e", required=True, help="Environment: a folder in conf/, such as demo.")
@click.option("--pipeline", "-p", default=None, help="Run these pipelines alone, joined by commas.")
@click.option("--params", default=None, help="Parameters of this run: modeling.training.epochs=5,...")
@click.option("--resume", is_flag=True, help="Make only what is missing or out of date.")
@click.pass_context
def run(context: click.Context, env: str, pipeline: str | None, params: str | None, *, resume: bool) -> None:
    """Run everything, from cells to report; results go to data/08_reporting/ENV.

    All options of `kedro run` are taken too, such as --from-nodes (`kedro run --help`).
    """
    named = {"--env": env, "--pipelines": pipeline, "--params": params}
    options = [part for name, value in named.items() if value for part in (name, value)]
    options += ["--only-missing-outputs"] if resume else []
    kedro_run([*options, *context.args])


@cli.command()
@click.argument("cells", type=FILE)
@click.option("--env", "-e", default=None, help="Environment whose model scores the cells (`pathlore run` made it).")
@click.option("--population", default="pooled", show_default=True, help="Which of its models.")
@click.option("--bundle", type=FILE, default=None, help="Folder of a saved model instead; needs --to.")
@click.option("--to", type=FILE, default=None, help="CSV file that the scores are written to, with --bundle.")
def score(cells: Path, env: str | None, population: str, bundle: Path | None, to: Path | None) -> None:
    """Score other CELLS with a trained model: class, probabilities and remarks for each cell.

    \b
    pathlore score new.h5ad --env demo              into data/07_model_output/demo
    pathlore score new.h5ad --bundle FOLDER --to scores.csv
    """  # noqa: D301 - click reads the sign
    if (bundle is None) == (env is None):
        raise PathloreError(
            f"{'both' if env else 'none'} of --env and --bundle were given, one of them was expected: name the model"
        )
    if bundle is None:
        project = needed_project()
        place = cohort_of(project, str(env))
        model = project / "data" / "06_models" / place / "bundles" / population
        values = {"cells": str(cells.absolute()), "bundle": str(model)}
        run_pipeline(project, env, ["scoring"], values)
        return
    if to is None:
        raise PathloreError("--bundle was given without --to, a file for the scores was expected: add --to scores.csv")
    from pathlore.api import load
    from pathlore.datasets.csv import CSVDataset

    table = load(bundle).score(read_cells(cells))
    CSVDataset(filepath=str(to.absolute()), save_args={"index": False}).save(table)
    for warning in table.attrs["warnings"]:
        click.echo(f"! {warning}")
    counts = table["predicted"].value_counts()
    click.echo(f"{len(table):,} cells: {', '.join(f'{n:,} {name}' for name, n in counts.items())}; scores in {to}")


@cli.command()
@click.option("--env", "-e", required=True, help="Environment that was run.")
@click.option("--open", "opened", is_flag=True, help="Open the page in a browser.")
def report(env: str, *, opened: bool) -> None:
    """Print the summary of a finished run, and where its page lies."""
    project = needed_project()
    folder = project / "data" / "08_reporting" / cohort_of(project, env)
    page, summary = folder / "report.html", folder / "summary.txt"
    if not page.is_file():
        raise PathloreError(f"there is no report at {page}, a finished run was expected: `pathlore run --env {env}`")
    if summary.is_file():
        click.echo(summary.read_text())
    click.echo(f"Everything on one page: {page}")
    if opened:
        click.launch(str(page))


@cli.command()
@click.argument("table", type=FILE)
@click.option("--ligands", is_flag=True, help="Rank ligands instead.")
@click.option("--top", default=20, show_default=True, help="Rows that are printed.")
@click.option("--to", type=FILE, default=None, help="CSV file for all of them.")
def receptors(table: Path, top: int, to: Path | None, *, ligands: bool) -> None:
    """Rank receptors by a TABLE of differential expression (columns gene and stat); nothing is trained."""
    import pandas as pd

    import pathlore
    from pathlore.datasets.csv import CSVDataset

    if not table.is_file():
        raise PathloreError(f"there is no file {table}, a table with columns gene and stat was expected")
    try:
        effects = pd.read_csv(table, sep=None, engine="python", keep_default_na=False, na_values=[""])
    except (ValueError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise PathloreError(f"{table} cannot be read ({reason}), a text table with a header was expected") from error
    ranked = (pathlore.rank_ligands if ligands else pathlore.rank_receptors)(effects)
    if to is not None:
        CSVDataset(filepath=str(to.absolute()), save_args={"index": False}).save(ranked)
    shown = [
        name for name in ("rank", "receptor", "ligand", "ligands", "receptors", "score", "p", "genes") if name in ranked
    ]
    click.echo(ranked[shown].head(top).to_string(index=False, max_colwidth=40))


def find_project() -> Path | None:
    """The Kedro project here or above."""
    from kedro.utils import find_kedro_project

    found = find_kedro_project(Path.cwd())
    return Path(found) if found else None


def needed_project() -> Path:
    """The Kedro project here or above.

    Raises
    ------
    PathloreError
        There is none.
    """
    found = find_project()
    if found is None:
        raise PathloreError(NO_PROJECT.format(here=Path.cwd()))
    return found


def kedro_run(options: list[str]) -> None:
    """Call `kedro run` with its own options in the project here or above."""
    project = needed_project()
    from kedro.framework.cli.project import run
    from kedro.framework.startup import bootstrap_project

    bootstrap_project(project)
    command: Any = run
    command.main(options, standalone_mode=False)


@contextmanager
def session_of(project: Path, env: str | None, params: dict[str, Any]) -> Iterator[Any]:
    """A session of Kedro in a project."""
    from kedro.framework.startup import bootstrap_project

    from pathlore.session import CheckedSession

    bootstrap_project(project)
    with CheckedSession.create(project_path=project, env=env, runtime_params=params) as session:
        yield session


def run_pipeline(project: Path, env: str | None, names: list[str], params: dict[str, Any]) -> None:
    """Run pipelines by name with parameters of this run."""
    with session_of(project, env, params) as session:
        session.run(pipeline_names=names)


def cohort_of(project: Path, env: str) -> str:
    """Name of the folder of an environment's results.

    Raises
    ------
    PathloreError
        There is no such environment.
    """
    from pathlore.session import check_environment

    check_environment(env, project / "conf")
    with session_of(project, env, {}) as session:
        return str(session.load_context().config_loader["globals"]["cohort"])


def read_cells(file: Path) -> Any:
    """Cells in any format."""
    from pathlore.datasets.raw_cells import RawCellsDataset

    return RawCellsDataset(filepath=str(file.absolute())).load()


def main(arguments: list[str] | None = None) -> None:
    """Run the command; errors that are meant for the user are one line, with exit code 1.

    Without the name of a command, options are those of `kedro run`, as with every packaged Kedro project.
    """
    given = sys.argv[1:] if arguments is None else arguments
    os.environ.setdefault("DO_NOT_TRACK", "true")
    try:
        if given and given[0].startswith("-") and given[0] not in ("-h", "--help", "--version"):
            kedro_run(given)
        else:
            cli.main(given or ["--help"], prog_name="pathlore", standalone_mode=False)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception as error:
        ours = user_error(error)
        if ours is None:
            raise
        logger.debug("Traceback", exc_info=error)
        sys.stderr.write(f"pathlore: {ours}\n")
        sys.exit(1)
