"""Plots of an evaluation: methods, recovery of planted paths, stability, nulls, depth."""

from pathlore.plot.evaluation.depth import depth_curves
from pathlore.plot.evaluation.recovery import recovery_dots
from pathlore.plot.evaluation.significance import significance_bars
from pathlore.plot.evaluation.stability import stability_dots
from pathlore.plot.evaluation.variants import variant_dots

__all__ = ["depth_curves", "recovery_dots", "significance_bars", "stability_dots", "variant_dots"]
