#!/bin/sh
# start.sh [PORT] [CONTROLLER_PORT]   start Apache Kafka (KRaft, one node) and return when it answers.
# Data, log and process id are kept in build/kafka/PORT/. Ports: 9092 and PORT+1 unless given. KERNEEFFEKT_KAFKA_HEAP: its memory (512m).
# KERNEEFFEKT_KAFKA_PROPERTIES: a file of settings that win over those here (more listeners, TLS, logins).
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
port=${1:-9092}
controller=${2:-$((port + 1))}
lib="$root/build/kafka/lib"
home="$root/build/kafka/$port"
heap=${KERNEEFFEKT_KAFKA_HEAP:-512m}

fail() {
    echo "start.sh: $1" >&2
    exit 1
}

command -v java >/dev/null 2>&1 || fail "Java was not found; Apache Kafka needs Java 17 or newer (Debian: apt-get install openjdk-17-jre-headless)."
java_version=$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
[ "${java_version:-0}" -ge 17 ] || fail "Java ${java_version:-of an unknown version} was found; Apache Kafka needs Java 17 or newer."

# /dev/tcp is bash's own; the rest of this file is plain sh.
port_open() {
    bash -c "exec 3<>/dev/tcp/127.0.0.1/$1" 2>/dev/null
}

if [ -f "$home/pid" ] && kill -0 "$(cat "$home/pid")" 2>/dev/null && port_open "$port"; then
    echo "Kafka already answers on 127.0.0.1:$port (process $(cat "$home/pid"))."
    exit 0
fi
port_open "$port" && fail "port $port is taken by another program; give another one: start.sh PORT"
port_open "$controller" && fail "port $controller (the controller's) is taken by another program; give another one: start.sh $port CONTROLLER_PORT"

# The stamp names the pom's content, so a changed version fetches anew and an unchanged one needs no network.
stamp="$lib/.$(sha256sum "$here/pom.xml" | cut -c 1-16)"
if [ ! -f "$stamp" ]; then
    command -v mvn >/dev/null 2>&1 || fail "Maven was not found; it fetches Apache Kafka once (Debian: apt-get install maven)."
    rm -rf "$lib"
    mkdir -p "$lib"
    echo "Fetching Apache Kafka into build/kafka/lib ..."
    mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$lib" >"$root/build/kafka/maven.log" 2>&1 \
        || fail "Maven could not fetch Apache Kafka; see build/kafka/maven.log"
    touch "$stamp"
fi

mkdir -p "$home"
sed -e "s|@PORT@|$port|g" -e "s|@CONTROLLER@|$controller|g" -e "s|@DATA@|$home/data|g" "$here/server.properties.in" >"$home/server.properties"
[ -z "${KERNEEFFEKT_KAFKA_PROPERTIES:-}" ] || cat "$KERNEEFFEKT_KAFKA_PROPERTIES" >>"$home/server.properties"
run() {
    java -Xms"$heap" -Xmx"$heap" -XX:+UseSerialGC -Djava.awt.headless=true -Dlog4j2.configurationFile="$here/log4j2.yaml" -cp "$lib/*" "$@"
}
if [ ! -f "$home/data/meta.properties" ]; then
    cluster=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | cut -c 1-22)
    run kafka.tools.StorageTool format --cluster-id "$cluster" --config "$home/server.properties" >"$home/log" 2>&1 \
        || fail "the data folder could not be prepared; see $home/log"
fi

: >"$home/log"
# A session of its own: an interrupt at the terminal must not stop the broker.
setsid sh -c 'echo $$ >"$1"; shift; exec "$@"' sh "$home/pid" \
    java -Xms"$heap" -Xmx"$heap" -XX:+UseSerialGC -Djava.awt.headless=true \
    -Dlog4j2.configurationFile="$here/log4j2.yaml" -cp "$lib/*" kafka.Kafka "$home/server.properties" >>"$home/log" 2>&1 </dev/null &

waited=0
until port_open "$port" && grep -q "Kafka Server started" "$home/log"; do
    sleep 0.2
    waited=$((waited + 1))
    if [ -f "$home/pid" ] && ! kill -0 "$(cat "$home/pid")" 2>/dev/null; then
        fail "Kafka ended while starting; see $home/log"
    fi
    [ "$waited" -lt 300 ] || fail "Kafka did not answer on port $port within 60 seconds; see $home/log"
done
echo "Kafka answers on 127.0.0.1:$port (process $(cat "$home/pid"), data in build/kafka/$port)."
