"""The games that an answer is about: options shared by questions, pages and datasets, and how many games they leave out."""

from sc2_pipeline.population.games import Population
from sc2_pipeline.population.options import PopulationOption, population_options

__all__ = ["Population", "PopulationOption", "population_options"]
