"""Observations made by hand, shaped after recorded ones."""

import math

from sc2_pipeline.game_messages import raw_pb2, sc2api_pb2

LIVE = 1 << 32


def observation(game_loop: int, *, player_id: int = 1, minerals: int = 50) -> sc2api_pb2.ResponseObservation:
    """An observation with an economy and an empty field."""
    message = sc2api_pb2.ResponseObservation()
    message.observation.game_loop = game_loop
    message.observation.player_common.player_id = player_id
    message.observation.player_common.minerals = minerals
    message.observation.raw_data.player.camera.x = 30.5
    return message


def add_unit(
    message: sc2api_pb2.ResponseObservation, tag: int, *, owner: int = 1, alliance: int = raw_pb2.Self
) -> raw_pb2.Unit:
    """One more unit, a Marine at (10, 20)."""
    unit = message.observation.raw_data.units.add()
    unit.display_type, unit.alliance, unit.tag, unit.unit_type, unit.owner = raw_pb2.Visible, alliance, tag, 48, owner
    unit.pos.x, unit.pos.y, unit.pos.z = 10.0, 20.0, 8.0
    unit.health, unit.health_max = 45.0, 45.0
    return unit


def smooth_game(observations: int, units: int) -> list[bytes]:
    """A game in which a third of the units walk, a seventh regain energy and some build, as in recorded ones."""
    return [_smooth_observation(8 * (number + 1), units) for number in range(observations)]


def _smooth_observation(game_loop: int, units: int) -> bytes:
    message = observation(game_loop, minerals=50 + game_loop)
    for number in range(units):
        unit = add_unit(message, LIVE | (number + 1) << 18 | 1)
        unit.facing, unit.radius, unit.build_progress, unit.cloak = number % 6 + 0.25, 0.375, 1.0, raw_pb2.NotCloaked
        unit.is_selected = unit.is_burrowed = unit.is_hallucination = unit.is_blip = False
        unit.is_on_screen, unit.is_flying, unit.is_active = number % 4 == 0, number % 9 == 0, number % 2 == 0
        unit.shield = unit.shield_max = 0.0
        unit.assigned_harvesters = unit.ideal_harvesters = 0
        unit.pos.x, unit.pos.y = 20 + number % 100, 20 + number // 100
        if number % 3 == 0:
            unit.pos.x += 12 * math.sin(game_loop / 300 + number)
            unit.pos.y += 12 * math.cos(game_loop / 300 + number)
            unit.facing = (game_loop / 300 + number) % math.tau
            order = unit.orders.add(ability_id=16)
            order.target_world_space_pos.x, order.target_world_space_pos.y = 60.0, 70.0
        if number % 7 == 0:
            unit.energy, unit.energy_max = min(200.0, 50 + game_loop * 0.03515625), 200.0
        if number % 5 == 0:
            unit.weapon_cooldown = float(game_loop % 16)
    return message.SerializeToString()
