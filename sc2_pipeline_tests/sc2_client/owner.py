"""A process that owns a running game, for tests that kill it: prints when the replay is under way, then goes on.

``python -m sc2_pipeline_tests.sc2_client.owner GAMES_FOLDER REPLAY BASE_BUILD HOW``; HOW is ``main``, ``thread``
(the game is launched from a thread that ends at once), ``no_signal`` (without Linux's parent-death signal),
``returns`` (ends without closing anything), ``raises``, or ``dask`` (in a worker process of dask.distributed).
"""

import sys
import threading
import time
from pathlib import Path

from sc2_pipeline.sampling import PassPlan
from sc2_pipeline.sc2_client.instance import Instance, InstanceKeeper
from sc2_pipeline.sc2_client.maps import PlayableReplay
from sc2_pipeline.sc2_client.settings import GameSettings


def main(games_folder: str, replay: str, base_build: str, how: str) -> None:
    if how == "dask":
        in_a_worker(games_folder, replay, base_build)
    else:
        own(games_folder, replay, base_build, how)


def in_a_worker(games_folder: str, replay: str, base_build: str) -> None:
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        client.submit(own, games_folder, replay, base_build, "worker").result()


def own(games_folder: str, replay: str, base_build: str, how: str) -> None:
    settings = GameSettings(
        games_folder=Path(games_folder), launch_gap_seconds=0, uses_parent_death_signal=how != "no_signal"
    )
    keeper = InstanceKeeper(settings)
    instance = launched(keeper, int(base_build), in_thread=how == "thread")
    playable = PlayableReplay(content=Path(replay).read_bytes())
    info = instance.replay_info(playable)
    started = instance.start_pass(playable, info, observed_player_id=1, disable_fog=True, plan=PassPlan(step_mul=1))
    for observation in started.observations():
        if observation.game_loop == 100:
            sys.stdout.write(f"{instance.pid}\n")
            sys.stdout.flush()
            if how == "returns":
                return
            if how == "raises":
                raise RuntimeError("told to")
            time.sleep(600)


def launched(keeper: InstanceKeeper, base_build: int, *, in_thread: bool) -> Instance:
    found = []
    thread = threading.Thread(target=lambda: found.append(keeper.instance(base_build, None)))
    if in_thread:
        thread.start()
        thread.join()
        return found[0]
    return keeper.instance(base_build, None)


if __name__ == "__main__":
    main(*sys.argv[1:])
