"""Base builds with known game and data versions."""

GAME_VERSIONS: dict[int, tuple[str, str]] = {
    51702: ("3.12.0.51702", "C610D0D7A40CED89B46CE5030A017095"),
    54518: ("3.15.0.54518", "BBF619CCDCC80905350F34C2AF0AB4F6"),
    55505: ("3.16.0.55505", "60718A7CA50D0DF42987A30CF87BCB80"),
    59587: ("4.0.0.59587", "9B4FD995C61664831192B7DA46F8C1A1"),
    62848: ("4.2.1.62848", "29BBAC5AFF364B6101B661DB468E3A37"),
    64469: ("4.3.0.64469", "C92B3E9683D5A59E08FC011F4BE167FF"),
    67188: ("4.5.0.67188", "2ACF84A7ECBB536F51FC3F734EC3019F"),
    70154: ("4.7.1.70326", "94596A85191583AD2EBFAE28C5D532DB"),
    75689: ("4.10.0.75689", "B89B5D6FA7CBF6452E721311BFBC6CB2"),
    75800: ("4.10.1.75800", "DDFFF9EC4A171459A4F371C6CC189554"),
    77379: ("4.11.0.77379", "70E774E722A58287EF37D487605CD384"),
    80949: ("5.0.0.80949", "9AE39C332883B8BF6AA190286183ED72"),
    82457: ("5.0.4.82457", "D2707E265785612D12B381AF6ED9DBF4"),
    84643: ("5.0.7.84643", "A389D1F7DF9DD792FBE980533B7119FF"),
    86383: ("5.0.8.86383", "22EAC562CD0C6A31FB2C2C21E3AA3680"),
    89720: ("5.0.11.89720", "D371D4D7D1E6C131B24A09FC0E758547"),
    91115: ("5.0.12.91115", "7857A76754FEB47C823D18993C476BF0"),
    92440: ("5.0.13.92440", "79F6D78E27ED069D2D84FB14288B88B9"),
    93333: ("5.0.14.93333", "446907060311FB1CC29EB31E547BB9FD"),
    95299: ("5.0.15.95299", "EF9BBA0959BD280845A38EFEDE6E4D27"),
    97364: ("5.0.16.97364", "9305DCF6E5680FFEBD8B679EF05C947F"),
}
"""Base build to game version and data version, as in real replays of those builds."""

OLD_GAME_VERSIONS: dict[int, str] = {
    24944: "2.0.8.25604",
    26490: "2.0.9.26654",
    27950: "2.1.0.27950",
    32283: "2.1.6.32540",
}
"""Heart of the Swarm, whose replays have no data version."""

DEFAULT_BUILD = 92440


def versions_of(base_build: int, game_version: str = "", data_version: str = "") -> tuple[str, str]:
    """Game version and data version to write for that base build; given values are kept.

    Raises ValueError for a build whose version is neither given nor known.
    """
    known = GAME_VERSIONS.get(base_build) or (OLD_GAME_VERSIONS.get(base_build, ""), "0" * 32)
    game_version, data_version = game_version or known[0], data_version or known[1]
    if not game_version:
        names = ", ".join(str(build) for build in (*OLD_GAME_VERSIONS, *GAME_VERSIONS))
        raise ValueError(f"no game version known for base build {base_build} (known: {names}); pass game_version")
    return game_version, data_version
