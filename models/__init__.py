"""Nouns of Kerneeffekt: events, the catalogue and errors. Pydantic and the standard library only."""
