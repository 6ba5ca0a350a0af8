"""Numbers by which commands name abilities; they move between versions.

As commands of real replays and sc2reader's data packs (MIT) have them; a data pack's first build opens an era.
"""

ATTACK = (46, 0)
CHRONO_BOOST = (722, 0)
SPAWN_LARVA = (113, 0)
CALL_DOWN_MULE = (92, 0)
WARP_GATE_TRAIN_LINK = 216

_NUMBERS_MOVED = 80949
_CHRONO_LINKS = ((97364, 724), (95122, 723), (80949, 722), (77379, 717), (76114, 716), (70154, 709), (59587, 706))


def ability_link(link: int, base_build: int) -> int | None:
    """What an ability's link of base build 80949 is in another; None before 59587, where it is not known.

    >>> ability_link(177, 92440), ability_link(177, 75689), ability_link(722, 97364), ability_link(177, 24944)
    (177, 175, 724, None)
    """
    chrono = next((chrono for first, chrono in _CHRONO_LINKS if base_build >= first), None)
    if chrono is None:
        return None
    if link == CHRONO_BOOST[0]:
        return chrono
    if base_build >= _NUMBERS_MOVED:
        return link
    return link - 1 if link == ATTACK[0] else link - 2
