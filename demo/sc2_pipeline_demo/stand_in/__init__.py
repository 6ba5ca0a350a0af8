"""A small program that speaks the game's API, for demo and tests; it replays a replay's own tracker events."""

from sc2_pipeline_demo.stand_in.faults import CONTROL_VARIABLE, Assumptions, Control, Fault, write_control
from sc2_pipeline_demo.stand_in.placing import install

__all__ = ["CONTROL_VARIABLE", "Assumptions", "Control", "Fault", "install", "write_control"]
