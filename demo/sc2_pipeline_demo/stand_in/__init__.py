"""A small program that speaks the game's API, for demo and tests: the world of a replay, told by its own events."""

from sc2_pipeline_demo.stand_in.faults import CONTROL_VARIABLE, Assumptions, Control, Fault, write_control
from sc2_pipeline_demo.stand_in.placing import install

__all__ = ["CONTROL_VARIABLE", "Assumptions", "Control", "Fault", "install", "write_control"]
