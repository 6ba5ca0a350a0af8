"""A self-contained HTML file: style and script are inline, and its policy forbids network access."""

from collections.abc import Sequence
from importlib.resources import files

from sc2_pipeline.report.text import escaped

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


def page(title: str, content: str) -> str:
    """A whole document around its content."""
    style, script = _shipped("page.css"), _shipped("page.js")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>{escaped(title)}</title><style>{style}</style></head>\n"
        f"<body><main>{content}</main><script>{script}</script></body></html>\n"
    )


def _shipped(name: str) -> str:
    return files("sc2_pipeline.report").joinpath(name).read_text(encoding="utf-8")


def section(identifier: str, title: str, *cards: str) -> str:
    """A part of a page, with an anchor."""
    return f'<section id="{identifier}"><h2>{escaped(title)}</h2><div class="cards">{"".join(cards)}</div></section>'


def figure(title: str, drawing: str, caption: str = "", *, is_whole: bool = False) -> str:
    """A picture with its heading and a note on how to read it."""
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    kind = ' class="whole"' if is_whole else ""
    return f"<figure{kind}><h3>{escaped(title)}</h3>{drawing}{below}</figure>"


def tiles(facts: Sequence[tuple[str, str]]) -> str:
    """Numbers in a row, each under its value; values are HTML."""
    parts = "".join(f'<div class="tile"><b>{value}</b><span>{escaped(label)}</span></div>' for label, value in facts)
    return f'<div class="tiles">{parts}</div>'


def table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Sequence[int] = (), is_stacked: bool = False
) -> str:
    """A table; cells are HTML, ``numbers`` are the columns set to the right.

    On a phone a stacked table shows the cells of a row one below the other, each with its column's name.
    """
    kinds = [' class="num"' if i in numbers else "" for i in range(len(columns))]
    labels = [escaped(column) for column in columns]
    head = "".join(f"<th{kind}>{label}</th>" for kind, label in zip(kinds, labels, strict=True))
    body = "".join(
        "<tr>"
        + "".join(
            f'<td{kind} data-label="{label}">{cell}</td>' for kind, label, cell in zip(kinds, labels, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    stack = ' class="stack"' if is_stacked else ""
    return f"<table{stack}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
