"""A game written by hand in which two players fight."""

from sc2_pipeline_tests.marts.scripted import Game


def fought(replay_id: str = "a" * 16, names: tuple[str, str] = ("Ann", "Bob"), **replay) -> Game:
    game = Game(replay_id, **replay)
    game.player(1, "protoss", name=names[0], toon_handle="2-S2-1-1", result="victory")
    game.player(2, "zerg", name=names[1], toon_handle="2-S2-1-2", result="defeat")
    game.born(0, 1, "Nexus", x=20.0, y=20.0).born(0, 2, "Hatchery", 2, x=90.0, y=90.0)
    for player_id in (1, 2):
        for number in range(30):
            game.sample(
                160 * number + 1, player_id, minerals_used_current_army=100 * number, workers_active_count=number
            )
    for tag in range(10, 20):
        game.born(1000 + tag, tag, "Zealot").died(2000 + 10 * tag, tag, 2)
    return game.init(500, 30, "Gateway").init(900, 31, "Pylon").died(1000, 31)
