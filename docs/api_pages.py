"""One page of the API for each package, written from the source, so that no module can be forgotten."""

import ast
from pathlib import Path

from docutils import nodes
from docutils.nodes import Node, system_message
from sphinx.application import Sphinx
from sphinx.domains.python import PyXRefRole

LEFT_OUT = {"pipelines", "pipeline_registry", "settings", "hooks", "__main__", "__init__"}
"""What is Kedro's and no library: the pipelines are described by their catalogue and parameters."""


def public(module: Path) -> bool:
    """Whether a module defines anything that is meant for others."""
    named = (node for node in ast.parse(module.read_text()).body if isinstance(node, ast.FunctionDef | ast.ClassDef))
    return any(not node.name.startswith("_") for node in named)


def page(folder: Path, name: str) -> str:
    """Headings and directives of one package; its modules in the order of the alphabet."""
    modules = [path for path in sorted(folder.glob("*.py")) if path.stem not in LEFT_OUT and public(path)]
    packages = [path.parent for path in sorted(folder.glob("*/__init__.py")) if path.parent.name not in LEFT_OUT]
    title = f"``{name}``"
    parts = [f"{title}\n{'=' * len(title)}", f".. automodule:: {name}\n   :no-members:"]
    if packages:
        names = "\n".join(f"   {name}.{path.name}" for path in packages)
        parts.append(f".. toctree::\n   :maxdepth: 1\n\n{names}")
    for path in modules:
        title = f"``{path.stem}``"
        parts.append(f"{title}\n{'-' * len(title)}\n\n.. automodule:: {name}.{path.stem}\n   :members:")
    return "\n\n".join(parts) + "\n"


def public_page(index: Path) -> str:
    """Headings and directives of what a package offers by itself, functions before classes."""
    lines = [node for node in ast.parse(index.read_text()).body if isinstance(node, ast.Assign)]
    names = next(ast.literal_eval(node.value) for node in lines if node.targets[0].id == "__all__")
    title = "``import pathlore``"
    parts = [f"{title}\n{'=' * len(title)}", "What ``pathlore`` offers by itself; all else is in its packages."]
    for name in sorted(names, key=str.swapcase):
        title = f"``pathlore.{name}``"
        kind = "autoclass" if name[0].isupper() else "autofunction"
        members = "\n   :members:" if kind == "autoclass" else ""
        parts.append(f"{title}\n{'-' * len(title)}\n\n.. {kind}:: pathlore.{name}{members}\n   :no-index:")
    return "\n\n".join(parts) + "\n"


def write_pages(app: Sphinx) -> None:
    """Write what is not there in this form; remove the page of a package that is gone."""
    source, target = Path(app.srcdir).parent / "src" / "pathlore", Path(app.srcdir) / "api"
    target.mkdir(exist_ok=True)
    whole = source / "__init__.py"
    pages = {target / "public.rst": public_page(whole)} if whole.exists() else {}
    for index in sorted(source.rglob("__init__.py")):
        parts = index.parent.relative_to(source.parent).parts
        if not LEFT_OUT & set(parts):
            pages[target / f"{'.'.join(parts)}.rst"] = page(index.parent, ".".join(parts))
    for path in set(target.glob("*.rst")) - pages.keys():
        path.unlink()
    for path, content in pages.items():
        if not path.exists() or path.read_text() != content:
            path.write_text(content)


class Quoted(PyXRefRole):
    """What stands in single backticks in a docstring: a link if it is the full name of one of ours, else code."""

    def run(self) -> tuple[list[Node], list[system_message]]:
        """Make the node."""
        if not self.text.startswith("pathlore."):
            return [nodes.literal(self.rawtext, self.text)], []
        self.name = "py:obj"
        return super().run()


def whole_sentence(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Join what napoleon took for a type: a constant's docstring is a sentence, which may have a colon."""
    types = [line for line in lines if line.startswith(":type: ")]
    if what in ("data", "attribute", "property") and types:
        lines[:] = [f"{types[0].removeprefix(':type: ')}: {lines[0]}", *lines[1:]]
        lines[:] = [line for line in lines if line not in types]


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages before Sphinx looks for them, and say what single backticks mean."""
    app.connect("autodoc-process-docstring", whole_sentence, priority=600)  # after napoleon
    app.add_role("quoted", Quoted())
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
