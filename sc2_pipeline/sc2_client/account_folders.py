"""The folders in which the game's client keeps the replays of each account that has played on this machine."""

from pathlib import Path
from typing import Final

_PATTERNS: Final = (
    *("StarCraft II", "*/StarCraft II", "*/*/StarCraft II"),
    "Library/Application Support/Blizzard/StarCraft II",
    *(
        f"{prefix}/drive_c/users/*/*/StarCraft II"
        for prefix in (".wine", "Games/*", ".local/share/Steam/steamapps/compatdata/*/pfx")
    ),
)
"""Of the game's folder, below a person's own: Windows names the folder of documents in its language, and may keep it in
OneDrive's; macOS; Wine, Lutris and Steam."""

ACCOUNTS: Final = "Accounts"


def account_folders(home: Path | None = None) -> list[Path]:
    """Folders of all accounts, in which replays lie at any depth, below ``home`` (by default that of whoever runs this)."""
    own = Path.home() if home is None else home
    found = {folder / ACCOUNTS for pattern in _PATTERNS for folder in own.glob(pattern)}
    return sorted(folder for folder in found if folder.is_dir())
