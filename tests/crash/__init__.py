"""Real kills: a child feeds a store and publishes; it dies at a crash point or at random, is started again, and must end as the clean run does."""
