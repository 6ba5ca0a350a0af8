"""A command that is killed, stopped, refused room or cut off from power at any point, and run again, answers as if nothing had happened."""

import shutil

import pytest

from sc2_pipeline_tests.durability.disk import NO_CUT, Disk
from sc2_pipeline_tests.durability.faults import KINDS, Harm, every_point, sample
from sc2_pipeline_tests.durability.programs import Programs, why_not
from sc2_pipeline_tests.durability.scenes import make_scenes

pytestmark = [pytest.mark.slow, pytest.mark.skipif(why_not() is not None, reason=str(why_not()))]

SAMPLED = 18
SEED = 12


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="module")
def programs(work):
    with Programs(work) as programs:
        yield programs


@pytest.fixture(scope="module")
def scenes(programs, work):
    return make_scenes(programs, work)


@pytest.fixture(scope="module")
def harm(programs, work):
    return Harm(programs, work)


def test_nothing_is_written_past_the_record(scenes):
    for scene in scenes:
        disk = Disk(scene.start)

        disk.replay(scene.operations)

        written = {path: data for path, data in disk.left(NO_CUT).items() if data is not None}
        assert scene.files <= written.keys()
        assert written == {path: (scene.whole / path).read_bytes() for path in written}


def test_a_command_has_the_same_points_twice(scenes, programs, work):
    scene = scenes[-1]
    again = work / "again"
    shutil.copytree(scene.start, again)

    programs.run(*scene.words, home=again)

    assert [(o.point, o.kind) for o in programs.operations if o.within == 0] == [
        (o.point, o.kind) for o in scene.operations if o.within == 0
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_lost_while_the_published_file_before_last_is_brought_up(scenes, harm, kind):
    [scene] = [scene for scene in scenes if scene.name == "alternating"]
    own = [p for p in every_point([scene]) if p.kind == kind and p.operation is not None and ".older" in _paths(p)]
    tried = [own[len(own) // 2], own[-1]]
    assert {"write", "rename"} <= {p.operation.kind for p in own if p.operation is not None}

    amiss = [f"{point}: {sentence}" for point in tried for sentence in harm.at(point)]

    assert amiss == []


def _paths(point):
    return f"{point.operation.path} {point.operation.other}"


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_lost_whatever_happens_at_any_point(scenes, harm, kind, record_property):
    points = every_point(scenes)
    tried = [point for point in sample(points, SAMPLED, SEED) if point.kind == kind]
    assert tried

    amiss = [f"{point}: {sentence}" for point in tried for sentence in harm.at(point)]

    record_property("faults", f"{kind}: {len(tried)} of {sum(p.kind == kind for p in points)} points tried")
    assert amiss == []
