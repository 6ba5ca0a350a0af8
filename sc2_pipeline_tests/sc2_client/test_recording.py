"""What a recording leaves out: names of people, what they wrote, and folders."""

import lzma

from sc2_pipeline.game_messages import sc2api_pb2 as api
from sc2_pipeline.sc2_client.recording import Recording


def test_names_chat_and_folders_are_left_out_and_all_else_stays(tmp_path):
    info = api.ResponseGameInfo(map_name="Acropolis", local_map_path="C:\\Users\\Somebody\\Acropolis.SC2Map")
    info.player_info.add(player_id=1, player_name="Somebody")
    info.player_info.add(player_id=2)
    talk = api.ResponseObservation()
    talk.observation.game_loop = 100
    talk.chat.add(player_id=1, message="I am Somebody")
    talk.actions.add(game_loop=99).action_chat.message = "I am Somebody"
    quiet = api.ResponseObservation()
    quiet.observation.game_loop = 150
    recording = Recording(tmp_path)

    recording.take_game(info.SerializeToString(), b"data")
    recording.take(100, talk.SerializeToString(), until=1_600)
    recording.take(150, quiet.SerializeToString(), until=1_600)
    recording.take(200, quiet.SerializeToString(), until=1_600)

    files = {path.name: lzma.decompress(path.read_bytes()) for path in tmp_path.rglob("*.xz")}
    assert files.keys() == {
        "ResponseGameInfo.pb.xz",
        "ResponseData.pb.xz",
        "0001_loop000100.ResponseObservation.pb.xz",
        "0002_loop000200.ResponseObservation.pb.xz",
    }
    assert not any(b"Somebody" in content for content in files.values())
    kept = api.ResponseGameInfo.FromString(files["ResponseGameInfo.pb.xz"])
    assert (kept.map_name, kept.local_map_path) == ("Acropolis", "Acropolis.SC2Map")
    assert [player.player_name for player in kept.player_info] == ["player 1", ""]
    talked = api.ResponseObservation.FromString(files["0001_loop000100.ResponseObservation.pb.xz"])
    assert (talked.observation.game_loop, len(talked.chat)) == (100, 0)
    assert [(action.game_loop, action.HasField("action_chat")) for action in talked.actions] == [(99, True)]
