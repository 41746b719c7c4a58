"""Kafka in and out: the Faust worker, its record-batch transport, effect messages, sending of files, metrics."""
