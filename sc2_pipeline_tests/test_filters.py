import pytest

from sc2_pipeline.errors import SettingsError
from sc2_pipeline.filters import FILTER_SETS, read_filters


@pytest.mark.parametrize("name", ["all", "standard", "pysc2", "msc", "unplugged", "egset", "aiarena", "coop"])
def test_every_named_set_can_be_asked_for(name):
    assert read_filters(name) is FILTER_SETS[name]


def test_a_file_of_thresholds_is_a_filter_set(tmp_path):
    path = tmp_path / "coach.toml"
    path.write_text('min_mmr = 3000\nmissing = "drop"\ngame_modes = ["1v1"]\nis_vs_ai = false\nmin_apm = 12.5\n')

    filters = read_filters(str(path))

    assert (filters.name, filters.min_mmr, filters.missing, filters.game_modes) == ("coach", 3000, "drop", ("1v1",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("min_mmr = 'high'", "min_mmr is 'high'; give int"),
        ("min_mmr = true", "min_mmr is True; give int"),
        ("min_rating = 3", "unknown threshold 'min_rating'"),
        ("missing = 'maybe'", "give keep or drop"),
        ("game_modes = ['5v5']", "unknown game mode '5v5'"),
        ("game_modes = '1v1'", "give a list of texts"),
        ("is_coop = 1", "give bool"),
        ("min_mmr = ", "not a readable TOML file"),
    ],
)
def test_a_bad_file_is_refused_with_the_way_out(tmp_path, text, message):
    path = tmp_path / "mine.toml"
    path.write_text(text)

    with pytest.raises(SettingsError, match=message):
        read_filters(str(path))


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(SettingsError, match=r"no filter set 'pro'.*standard"):
        read_filters("pro")
