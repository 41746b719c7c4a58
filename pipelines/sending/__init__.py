"""From a source system's files to events: rows of CSV, their cells, the events they make, and where these are put."""
