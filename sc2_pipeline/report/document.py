"""HTML around the app's script, and what it may do: run the scripts that came with it, and ask nobody."""

import base64
import hashlib
import html
from collections.abc import Sequence
from datetime import UTC, datetime

from sc2_pipeline.extras import install_command
from sc2_pipeline.public.plain_json import json_text

_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src {styles}; img-src data:; base-uri 'none'; form-action 'none';"
    " require-trusted-types-for 'script'; trusted-types default"
)
_OWN_FILES = "'self' file:"
"""A file's own folder; which of the two it is called depends on the browser."""


def linked_document(title: str, styles: str, scripts: Sequence[str], foot: Sequence[str]) -> str:
    """A page whose style and scripts are files beside it."""
    head = f'<link rel="stylesheet" href="{styles}">'
    tags = "".join(f'<script src="{script}"></script>' for script in scripts)
    return _document(title, _POLICY.format(scripts=_OWN_FILES, styles=_OWN_FILES), head, tags, foot)


def whole_document(title: str, styles: str, scripts: Sequence[str], foot: Sequence[str]) -> str:
    """A page that has its style and scripts in it; no others may run."""
    safe = [script.replace("</script", r"<\/script") for script in scripts]
    policy = _POLICY.format(scripts=" ".join(map(_hash, safe)), styles=_hash(styles))
    tags = "".join(f"<script>{script}</script>" for script in safe)
    return _document(title, policy, f"<style>{styles}</style>", tags, foot)


def _document(title: str, policy: str, head: str, tags: str, foot: Sequence[str]) -> str:
    said = "".join(f"<p>{html.escape(line)}</p>" for line in foot)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'
        f"<title>{html.escape(title)}</title>{head}</head>\n"
        '<body><a class="skip" href="#main">to the content</a><header class="top">'
        '<span class="brand">sc2_pipeline</span><nav aria-label="Pages" id="nav"></nav></header>'
        '<main id="main" tabindex="-1"><p class="soft">These pages need JavaScript.</p></main>'
        f"<footer>{said}</footer>{tags}</body></html>\n"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def script_json(value: object) -> str:
    """A value as JSON that may stand in a script of a page."""
    return json_text(value).replace("<", r"\u003c")


def foot_lines(*, has_library: bool) -> list[str]:
    """What stands below every page."""
    plain = (
        f"Charts are drawn without Vega-Lite; {install_command('app')} and write the pages again to have its charts."
    )
    return [
        f"Made by sc2_pipeline on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC. Games are counted once, whoever saved them.",
        *([] if has_library else [plain.replace("`", "")]),
    ]
