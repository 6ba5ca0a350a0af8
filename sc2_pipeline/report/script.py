"""The app's modules as one script: a page that is opened without a server may load no modules."""

import re
from functools import cache
from graphlib import TopologicalSorter
from importlib.resources import files

_IMPORT = re.compile(r'^import \{([^}]*)\} from "/static/(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
_FIRST = "main"


def shipped(name: str) -> str:
    """The text of one of the app's files."""
    return files("sc2_pipeline.app").joinpath("static", name).read_text(encoding="utf-8")


@cache
def app_script() -> str:
    """The module ``main`` and all that it imports, each as a function that gives its exports, in order of need.

    Raises graphlib.CycleError for modules that import one another.
    """
    modules: dict[str, str] = {}
    waiting = [_FIRST]
    while waiting:
        if (module := waiting.pop()) not in modules:
            modules[module] = shipped(f"{module}.js")
            waiting += _needs(modules[module])
    order = TopologicalSorter({module: _needs(text) for module, text in modules.items()}).static_order()
    return "(() => {\n" + "\n".join(_as_function(module, modules[module]) for module in order) + "\n})();\n"


def _needs(text: str) -> list[str]:
    return [module for _, module in _IMPORT.findall(text)]


def _as_function(module: str, text: str) -> str:
    exported = ", ".join(name for _, name in _EXPORT.findall(text))
    body = _IMPORT.sub(_as_constants, _EXPORT.sub(r"\1", text))
    return f'const module_{module} = (() => {{\n"use strict";\n{body}\nreturn {{{exported}}};\n}})();'


def _as_constants(found: re.Match[str]) -> str:
    names, module = found.groups()
    return f"const {{{names.replace(' as ', ': ')}}} = module_{module};"
