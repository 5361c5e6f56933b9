"""A bundle of a second."""

from bundle_fixtures import bundle, bundle_of

__all__ = ["bundle", "bundle_of"]
