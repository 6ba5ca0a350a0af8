"""Names that pages, docstrings and comments cite, and what of the tree they may mean. Reads source only; imports nothing."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FOLDERS = ("sc2_pipeline", "sc2_pipeline_tests", "demo", "dbt_like_sql", "docs", "deploy", "benchmarks", ".ci")
"""Folders of the tree whose files are cited."""

_ROLE = re.compile(r":(?:func|class|mod|data|meth|attr|exc|const):`~?([\w.]+)`")
_PATH = re.compile(r"(?<![\w/.<{*:-])(?:\.\./)*((?:[\w.-]+/)*[\w-]+\.(?:py|md|sql|csv|yml|ipynb|c))\b(?![\w/*-])")
_FOLDER = re.compile(r"`+((?:[\w-]+/)+)`+")
_DOTTED = re.compile(r"`+([a-z_]\w*(?:\.\w+)+)(?:\(\))?`+")

_FILE_NAME = re.compile(r"\.(?:py|md|sql|csv|yml|yaml|toml|txt|json|c|ipynb|duckdb|sqlite|wal|current|older|xz)$")


def cited_paths(text: str) -> list[str]:
    """Files that the text names by a path that ends in their name, and backticked folders."""
    return [*_PATH.findall(text), *_FOLDER.findall(text)]


def cited_dotted_names(text: str) -> list[str]:
    """Backticked names with dots, of modules' members and of the warehouse's relations."""
    return [name for name in _DOTTED.findall(text) if not _FILE_NAME.search(name)]


def cited_roles(text: str) -> list[str]:
    """The targets of Sphinx roles, without the sign that shortens them."""
    return _ROLE.findall(text)


def docstrings_and_comments(source: str) -> Iterator[str]:
    """Every docstring, string that stands alone after an assignment, and comment of a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def _bound(statement: ast.stmt) -> Iterator[str]:
    """Names that a statement of a module or class binds; those of a class's members are ``Class.member``."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name
            yield from _attributes_of_self(statement)
        case ast.ClassDef(name=name, body=body):
            yield name
            yield from (f"{name}.{member}" for inner in body for member in _bound(inner))
        case ast.Assign(targets=targets):
            yield from (node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from (alias.asname or alias.name for alias in names)
        case ast.If(body=body, orelse=other) | ast.Try(body=body, orelse=other):
            yield from (name for inner in [*body, *other] for name in _bound(inner))
        case _:
            pass


def _attributes_of_self(function: ast.stmt) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self":
            yield node.attr


@dataclass(frozen=True)
class Tree:
    """The files of a checkout and the names that its modules define."""

    root: Path

    @cached_property
    def files(self) -> list[Path]:
        """Every file of the cited folders and beside them, without what tools leave behind."""
        found = [path for folder in FOLDERS for path in (self.root / folder).rglob("*") if path.is_file()]
        return [
            *(path for path in found if "__pycache__" not in path.parts),
            *filter(Path.is_file, self.root.iterdir()),
        ]

    @cached_property
    def modules(self) -> dict[str, set[str]]:
        """The names that each module binds, by the module's dotted name."""
        modules = {}
        for path in self.files:
            if path.suffix == ".py":
                names = {name for inner in ast.parse(path.read_text("utf-8")).body for name in _bound(inner)}
                modules[self.module_name(path)] = names
        return modules

    @cached_property
    def _endings(self) -> set[str]:
        """Every way to name a file or folder by the end of its path; folders end in a slash."""
        endings = set()
        for path in self.files:
            parts = path.relative_to(self.root).parts
            endings |= {"/".join(parts[start:]) for start in range(len(parts))}
            endings |= {"/".join(parts[i:j]) + "/" for j in range(1, len(parts)) for i in range(j)}
        return endings

    def module_name(self, path: Path) -> str:
        """The dotted name of a module's file."""
        parts = path.relative_to(self.root).with_suffix("").parts
        parts = parts[1:] if parts[0] == "demo" else parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def has_path(self, cited: str) -> bool:
        """Whether a file or folder's path ends like that."""
        return cited in self._endings

    def has_name(self, cited: str, *, module: str = "") -> bool:
        """Whether the name is a module's, a member's of ``module``, of one of its classes, or of the module it begins with."""
        own = self.modules.get(module, set())
        if cited in own or any(name.endswith(f".{cited}") for name in own):
            return True
        parts = cited.split(".")
        return any(
            not rest or rest in self.modules[found] or any(name.endswith(f".{rest}") for name in self.modules[found])
            for cut in range(1, len(parts) + 1)
            for found in self._modules_called(".".join(parts[:cut]), module=module)
            if (rest := ".".join(parts[cut:])) is not None
        )

    def speaks_of_code(self, cited: str, *, module: str = "") -> bool:
        """Whether a dotted name begins with a room, or with a neighbour of the module that cites it."""
        return bool(self._modules_called(cited.split(".")[0], module=module))

    def _modules_called(self, name: str, *, module: str = "") -> list[str]:
        package = module.rpartition(".")[0]
        prefixes = ("", "sc2_pipeline.", "sc2_pipeline_tests.", *([f"{module}.", f"{package}."] if module else []))
        return [prefix + name for prefix in prefixes if prefix + name in self.modules]
