"""A bundle of a second, and cells that it has not seen."""

from bundle_fixtures import bundle, bundle_of, cells

__all__ = ["bundle", "bundle_of", "cells"]
