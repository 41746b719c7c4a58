#!/bin/sh
# stop.sh [PORT] [--erase]   stop the broker that start.sh started on PORT (9092); with --erase its data goes too.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
port=9092
erase=no
for word in "$@"; do
    case $word in
        --erase) erase=yes ;;
        *) port=$word ;;
    esac
done
home="$root/build/kafka/$port"

if [ -f "$home/pid" ] && kill -0 "$(cat "$home/pid")" 2>/dev/null; then
    pid=$(cat "$home/pid")
    kill "$pid"
    waited=0
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.2
        waited=$((waited + 1))
        # Fifteen seconds are enough to close the log; after that it is told, not asked.
        [ "$waited" -lt 75 ] || { kill -9 "$pid"; break; }
    done
    echo "Kafka on port $port has stopped."
else
    echo "No Kafka of this project runs on port $port."
fi
rm -f "$home/pid"
[ "$erase" = no ] || rm -rf "$home"
