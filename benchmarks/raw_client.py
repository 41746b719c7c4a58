"""How fast the Kafka client alone reads: aiokafka `getmany`, nothing done with the records. For benchmarks/kafka.py.

python -m benchmarks.raw_client BROKER PREFIX       prints events per second as JSON
"""

import asyncio
import json
import sys
import time

from aiokafka import AIOKafkaConsumer, TopicPartition


async def read(broker: str, prefix: str) -> float:
    client = AIOKafkaConsumer(
        bootstrap_servers=broker, enable_auto_commit=False, auto_offset_reset="earliest", max_partition_fetch_bytes=4 << 20
    )
    await client.start()
    try:
        topics = [f"{prefix}kerneeffekt.{family}" for family in ("employment", "finance")]
        places = [TopicPartition(topic, part) for topic in topics for part in await partitions(client, topic)]
        client.assign(places)
        n_events, n_read = sum((await client.end_offsets(places)).values()), 0
        began = time.perf_counter()
        while n_read < n_events:
            n_read += sum(map(len, (await client.getmany(timeout_ms=1000, max_records=10_000)).values()))
        return n_events / (time.perf_counter() - began)
    finally:
        await client.stop()


async def partitions(client: AIOKafkaConsumer, topic: str) -> list[int]:
    await client._client._wait_on_metadata(topic)
    return sorted(client.partitions_for_topic(topic) or [])


if __name__ == "__main__":
    print(json.dumps({"events_per_second": asyncio.run(read(sys.argv[1], sys.argv[2]))}))
