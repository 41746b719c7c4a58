"""From records to published figures: intake, store, mart, quality gate, publication; the only place that opens the store for writing."""
