"""Settings of the documentation site: `make docs` builds it into build/docs, without any request to the network."""

import os
import sys
from importlib.metadata import version as installed_version
from pathlib import Path

os.environ |= {"DO_NOT_TRACK": "true", "MLFLOW_DISABLE_TELEMETRY": "true"}
sys.path.insert(0, str(Path(__file__).parent))  # api_pages.py, mathml.py

project = "pathlore"
release = version = installed_version("pathlore")
html_title = f"pathlore {release}"
project_copyright = "the authors of pathlore, Apache-2.0"
language = "en"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "api_pages",
    "mathml",
]
exclude_patterns = ["_build"]

# Pages: plain Markdown, as a code host shows it; formulas between dollars, links to headings as a code host makes them.
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
myst_dmath_double_inline = False

# API: `api_pages.py` writes a page per package, autodoc fills it in.
autodoc_default_options = {"show-inheritance": True, "exclude-members": "Config, model_config"}
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_inherit_docstrings = False
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
suppress_warnings = ["ref.python"]  # names of attributes are looked up, and several classes may have one of that name
default_role = "quoted"  # what stands in single backticks in a docstring, see api_pages.py
python_maximum_signature_line_length = 90
add_module_names = False
toc_object_entries = False

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_show_sourcelink = False
html_copy_source = False
