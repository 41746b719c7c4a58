"""Real kills: a child feeds a store and publishes, dies at a crash point or at random, starts again, and must end as the clean run."""
