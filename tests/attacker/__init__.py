"""An attacker who has everything that is published and a linear program, and tries to pin what was hidden."""
