"""The invented municipality of Eksempelkøbing: three years of events, and the truth that made them."""

from pipelines.simulate.run import SimulationSummary, simulate

__all__ = ["SimulationSummary", "simulate"]
