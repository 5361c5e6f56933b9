"""Figures as PNG for the eye, as SVG for the report and the printer, and on demand as PDF."""

from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
from kedro.io.core import get_filepath_str
from kedro_datasets.matplotlib import MatplotlibDataset
from matplotlib.figure import Figure

from pathlore.errors import PathloreError
from pathlore.files import atomic_file

SVG: Any = {"svg.fonttype": "none", "svg.hashsalt": "pathlore", "pdf.fonttype": 42}
"""Text stays text, so that it can be searched and edited; the ids of a figure are the same in each run."""

NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))


class FigureDataset(MatplotlibDataset):
    """A figure in two files: PNG under ``filepath``, SVG beside it. Loading gives the text of the SVG.

    Both are drawn before anything is written; the PNG is moved to its place last. A figure without its PNG counts as
    not there, so a PNG and an SVG of two runs never lie together. Equal figures give equal files.

    It is used as `kedro_datasets.matplotlib.MatplotlibDataset` is: alone, within
    `kedro_datasets.partitions.PartitionedDataset` (``filename_suffix: .png``), and in the preview of Kedro-Viz.

    Parameters
    ----------
    filepath
        Path that ends in ``.png``, or the folder of several figures.
    save_args
        For `matplotlib.figure.Figure.savefig`; ``format`` and ``metadata`` do not concern the SVG.
    pdf
        Whether a PDF is saved, too.
    **others
        As for ``MatplotlibDataset``.
    """

    def __init__(self, *, pdf: bool = False, **others: Any) -> None:
        super().__init__(**others)
        self._pdf = pdf

    def load(self) -> str:
        """Read the SVG.

        Returns
        -------
        The whole file: an XML declaration, a document type, and the element ``svg``.
        """
        path = get_filepath_str(self._get_load_path(), self._protocol)
        with self._fs.open(_beside(path), "rb") as file:
            return str(file.read().decode("utf8"))

    def _exists(self) -> bool:
        path = get_filepath_str(self._get_load_path(), self._protocol)
        if self._fs.isdir(path):
            return True
        return bool(self._fs.exists(path) and self._fs.exists(_beside(path)))

    def _save_to_fs(self, full_key_path: str, plot: Figure) -> None:
        """Draw all files, then write them, the PNG last; a PDF of an earlier run goes."""
        tight = self._tight(plot)
        contents = {_beside(full_key_path): self._drawn(plot, "svg", tight)}
        pdf = full_key_path.removesuffix(".png") + ".pdf"
        if self._pdf:
            contents[pdf] = self._drawn(plot, "pdf", tight)
        elif self._fs.exists(pdf):
            self._fs.rm(pdf)
        contents[full_key_path] = self._drawn(plot, "png", tight)
        if self._protocol == "file":
            with atomic_file(Path(full_key_path)) as partial:
                for path, content in contents.items():
                    partial.with_name(Path(path).name).write_bytes(content)
            return
        for path, content in contents.items():
            with self._fs.open(path, **self._fs_open_args_save) as file:
                file.write(content)

    def _tight(self, plot: Figure) -> dict[str, Any]:
        """The frame around all that is drawn; savefig would look for it by drawing once more for each file."""
        if self._save_args.get("bbox_inches") != "tight":
            return {}
        engine = plot.get_layout_engine()
        if engine is None:
            plot.draw_without_rendering()
        else:
            engine.execute(plot)
            plot.set_layout_engine(None)  # all lies in its place now
        return {"bbox_inches": plot.get_tightbbox().padded(matplotlib.rcParams["savefig.pad_inches"])}

    def _drawn(self, plot: Figure, form: str, tight: dict[str, Any]) -> bytes:
        """The figure as the bytes of one file."""
        buffer = BytesIO()
        arguments = {name: value for name, value in self._save_args.items() if name != "format"} | tight
        if form == "svg":
            arguments["metadata"] = NO_METADATA
        elif form == "pdf":
            arguments["metadata"] = {"CreationDate": None, "Creator": None, "Producer": None}
        with matplotlib.rc_context(SVG):
            plot.savefig(buffer, format=form, **arguments)
        return buffer.getvalue()


def _beside(path: str) -> str:
    """Path of the SVG that belongs to a PNG."""
    if not path.endswith(".png"):
        raise PathloreError(
            f"a figure was to be saved as {path}, a name that ends in .png was expected: change `filepath` (or "
            "`filename_suffix` of the partitions) in the catalogue"
        )
    return path.removesuffix(".png") + ".svg"
