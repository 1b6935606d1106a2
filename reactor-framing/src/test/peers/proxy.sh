#!/usr/bin/env bash
# Puts the example FrameProxy before real servers, and a proxy of bytes without frames beside it, and runs the servers' own
# clients through both by turns. Prints for each load whether all came out right, and the medians with their ratio.
#
#   proxy.sh [-r ROUNDS] [-o PATTERN] [LOAD...]
#
# Before it is measured, each load is run until the compilers of both proxies are done, up to 24 times.
#
# Loads are postgres, redis, mosquitto, nsd, zookeeper and rabbitmq; all of them unless named. PATTERN chooses among what they
# measure, by name.
#
# JAVA_OPTS go to both proxies. CLASSPATH_OF_PROXY, if set, spares the build.
set -euo pipefail
cd "$(dirname "$0")/../../../.."
source reactor-framing/src/test/peers/servers.sh

rounds=5
only=.
while getopts r:o: option; do
    case $option in
        r) rounds=$OPTARG ;;
        o) only=$OPTARG ;;
        *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
loads=("$@")
[[ ${#loads[@]} -gt 0 ]] || loads=(postgres redis mosquitto nsd zookeeper rabbitmq)

classpath=${CLASSPATH_OF_PROXY:-}
if [[ -z $classpath ]]; then
    mvn -B -ntp -q -pl examples -am compile dependency:build-classpath -Dmdep.outputFile="$dir/classpath"
    classpath=examples/target/classes:$(cat "$dir/classpath")
fi

failed=0
frames=0
bytes=0

# framing, port of the server: starts both proxies and sets their ports
proxies() {
    local kind framing
    for kind in frames bytes; do
        framing=$([[ $kind == frames ]] && echo "$1" || echo bytes)
        # shellcheck disable=SC2086 # several options
        java -Xmx1g ${JAVA_OPTS:-} -cp "$classpath" reactor.framing.examples.FrameProxy --target "$2" --port 0 \
            --framing "$framing" >"$dir/proxy-$kind.log" 2>&1 &
        pids+=($!)
        eval "pid_$kind=$!"
        for _ in $(seq 300); do
            grep -q '^listening' "$dir/proxy-$kind.log" && break
            pause 0.1
        done
        eval "$kind=$(sed -nE 's/^listening on [^:]+:([0-9]+),.*/\1/p' "$dir/proxy-$kind.log")"
    done
}

end_proxies() {
    kill "$pid_frames" "$pid_bytes"
    wait "$pid_frames" "$pid_bytes" 2>/dev/null || true
    if grep -E 'LEAK|ERROR|Exception' "$dir/proxy-frames.log" >&2; then
        failed=1
    fi
}

now() {
    echo "${EPOCHREALTIME/,/.}"
}

# since: seconds
elapsed() {
    awk -v a="$1" -v b="$(now)" 'BEGIN { print b - a }'
}

# amount, seconds
rate() {
    awk -v n="$1" -v s="$2" 'BEGIN { printf "%.4g\n", n / s }'
}

median() {
    sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# Hundredths of a second of CPU that a process has used
cpu() {
    awk '{ print $14 + $15 }' "/proc/$1/stat"
}

# The same of the compiler of a JVM
compiler() {
    cat /proc/"$1"/task/*/stat 2>/dev/null | awk '/\(C[12] Compiler/ { sub(/.*\)/, ""); n += $12 + $13 } END { print n + 0 }'
}

# command: runs it through both proxies by turns, until their compilers take less than a twentieth of their time in three runs
# on end: now and then they pause
warm_up() {
    local run used compiled idle=0
    for ((run = 0; run < 24 && idle < 3; run++)); do
        used=$(($(cpu "$pid_frames") + $(cpu "$pid_bytes")))
        compiled=$(($(compiler "$pid_frames") + $(compiler "$pid_bytes")))
        "$@" "$frames" >/dev/null 2>&1 || true
        "$@" "$bytes" >/dev/null 2>&1 || true
        used=$(($(cpu "$pid_frames") + $(cpu "$pid_bytes") - used))
        compiled=$(($(compiler "$pid_frames") + $(compiler "$pid_bytes") - compiled))
        ((compiled * 20 > used)) && idle=0 || idle=$((idle + 1))
    done
}

# name, unit, command that is given a port, prints a figure and fails if something came out wrong
compare() {
    local name=$1 unit=$2 right=correct kind port pid before i
    shift 2
    [[ $name =~ $only ]] || return 0
    rm -f "$dir"/figures-* "$dir"/cpu-*
    warm_up "$@"
    for ((i = 0; i < rounds; i++)); do
        for kind in $([[ $((i % 2)) == 0 ]] && echo frames bytes || echo bytes frames); do
            port=${!kind}
            pid=pid_$kind
            before=$(cpu "${!pid}")
            if ! "$@" "$port" >>"$dir/figures-$kind" 2>"$dir/load.log"; then
                echo 0 >>"$dir/figures-$kind"
                if [[ $kind == frames ]]; then
                    right=INCORRECT
                    failed=1
                    sed 's/^/    /' "$dir/load.log" >&2
                else
                    right="$right (bytes: incorrect)"
                fi
            fi
            echo $(($(cpu "${!pid}") - before)) >>"$dir/cpu-$kind"
        done
    done
    awk -v name="$name" -v unit="$unit" -v right="$right" -v f="$(median <"$dir/figures-frames")" \
        -v b="$(median <"$dir/figures-bytes")" -v cf="$(median <"$dir/cpu-frames")" -v cb="$(median <"$dir/cpu-bytes")" \
        'BEGIN { printf "%-42s %-10s frames %10.4g  bytes %10.4g %-7s ratio %.2f  CPU %.2f s to %.2f s\n", name, right, f, b, unit,
            b ? f / b : 0, cf / 100, cb / 100 }'
}

# name, command that is given a port: right or wrong only
check() {
    local name=$1
    shift
    [[ $name =~ $only ]] || return 0
    if "$@" "$frames" >"$dir/load.log" 2>&1; then
        printf '%-42s correct\n' "$name"
    else
        printf '%-42s INCORRECT\n' "$name"
        sed 's/^/    /' "$dir/load.log" >&2
        failed=1
    fi
}

# ---- PostgreSQL

psql_() {
    psql -X -q -v ON_ERROR_STOP=1 "host=127.0.0.1 port=$1 user=postgres dbname=postgres sslmode=${2:-disable}" "${@:3}"
}

pgbench_() {
    pgbench -n -S -M "$1" -c "$2" -j 2 -T 2 "host=127.0.0.1 port=$3 user=postgres dbname=postgres sslmode=disable" \
        >"$dir/pgbench.out" 2>"$dir/pgbench.err" || { cat "$dir/pgbench.err" >&2; return 1; }
    grep -q 'number of failed transactions: 0 ' "$dir/pgbench.out"
    sed -nE 's/^tps = ([0-9.]+).*/\1/p' "$dir/pgbench.out"
}

# table, port: MB a second
copy_out() {
    local start
    start=$(now)
    psql_ "$2" disable -c "COPY $1 TO STDOUT" | cmp - "$dir/$1.copy" >&2 || return 1
    rate "$(size_mb "$1")" "$(elapsed "$start")"
}

copy_in() {
    local start
    psql_ "${ports[postgres]}" disable -c "TRUNCATE copied"
    start=$(now)
    psql_ "$2" disable -c "COPY copied FROM STDIN" <"$dir/$1.copy" || return 1
    local seconds
    seconds=$(elapsed "$start")
    psql_ "${ports[postgres]}" disable -c "COPY copied TO STDOUT" | cmp - "$dir/$1.copy" >&2 || return 1
    rate "$(size_mb "$1")" "$seconds"
}

size_mb() {
    awk -v n="$(stat -c %s "$dir/$1.copy")" 'BEGIN { print n / 1e6 }'
}

cancel() {
    local answer
    answer=$(timeout -s INT 1 psql -X "host=127.0.0.1 port=$1 user=postgres dbname=postgres sslmode=${2:-disable}" \
        -c 'SELECT pg_sleep(60)' 2>&1) || true
    [[ $answer == *'canceling statement due to user request'* ]] || { echo "$answer"; return 1; }
    # the server has ended it, too
    [[ $(psql_ "${ports[postgres]}" disable -Atc \
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'") == 0 ]]
}

tls_is() {
    [[ $(psql_ "$3" "$1" -Atc 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()') == "$2" ]]
}

tls_refused() {
    psql_ "${ports[postgres]}" disable -c 'ALTER SYSTEM SET ssl = off' -c 'SELECT pg_reload_conf()' >/dev/null
    local result=0
    for _ in $(seq 50); do
        tls_is prefer t "$1" || break
        pause 0.1
    done
    tls_is prefer f "$1" || result=1
    [[ $(psql_ "$1" require -c 'SELECT 1' 2>&1) == *'does not support SSL'* ]] || result=1
    psql_ "${ports[postgres]}" disable -c 'ALTER SYSTEM RESET ssl' -c 'SELECT pg_reload_conf()' >/dev/null
    return $result
}

load_postgres() {
    start postgres || return 0
    PATH=$(dirname "$(compgen -G '/usr/lib/postgresql/*/bin/postgres' | tail -1)"):$PATH
    pgbench -i -s 5 -q "host=127.0.0.1 port=${ports[postgres]} user=postgres dbname=postgres" >"$dir/pgbench.out" 2>&1
    psql_ "${ports[postgres]}" disable \
        -c "CREATE TABLE wide AS SELECT i, repeat(md5(i::text), 31) AS v FROM generate_series(1, 100000) i" \
        -c "CREATE TABLE narrow AS SELECT i, NULL::text AS v FROM generate_series(1, 2000000) i" \
        -c "CREATE TABLE huge AS SELECT i, repeat(md5(i::text), 32768) AS v FROM generate_series(1, 96) i" \
        -c "CREATE UNLOGGED TABLE copied (i int, v text)"
    for table in wide narrow huge; do
        psql_ "${ports[postgres]}" disable -c "COPY $table TO STDOUT" >"$dir/$table.copy"
    done
    proxies postgres "${ports[postgres]}"
    check 'PostgreSQL, TLS by SSLRequest' tls_is require t
    check 'PostgreSQL, SSLRequest refused' tls_refused
    check 'PostgreSQL, cancel' cancel
    check 'PostgreSQL, cancel with TLS' cancel_tls
    compare 'PostgreSQL, pgbench -S, 1 client' tps pgbench_ simple 1
    compare 'PostgreSQL, pgbench -S, 8 clients' tps pgbench_ simple 8
    compare 'PostgreSQL, pgbench -S -M prepared, 8' tps pgbench_ prepared 8
    compare 'PostgreSQL, COPY out, 100 MB, rows of 1 KB' MB/s copy_out wide
    compare 'PostgreSQL, COPY in, 100 MB, rows of 1 KB' MB/s copy_in wide
    compare 'PostgreSQL, COPY out, rows of 1 MB' MB/s copy_out huge
    compare 'PostgreSQL, COPY in, rows of 1 MB' MB/s copy_in huge
    compare 'PostgreSQL, COPY out, 2 million small rows' MB/s copy_out narrow
    end_proxies
}

cancel_tls() {
    cancel "$1" require
}

# ---- Redis

redis_benchmark() {
    local test=$1 n=$2
    redis-benchmark -h 127.0.0.1 -p "${*: -1}" -t "$test" -n "$n" --csv -e "${@:3:$#-3}" 2>&1 | tr -d '"' |
        awk -F, -v test="${test^^}" '$1 == test { print $2; found = 1 } /^(ERR|Error)/ { print > "/dev/stderr"; exit 1 }
            END { exit !found }'
}

redis_values() {
    local size
    for size in 0 1 4095 65536 1000000 20000000; do
        head -c "$size" /dev/urandom >"$dir/value"
        [[ $(redis-cli -p "$1" -x SET key <"$dir/value") == OK ]] || return 1
        # --raw puts an LF behind it
        redis-cli -p "$1" --raw GET key >"$dir/answer"
        cmp -n "$size" "$dir/answer" "$dir/value" || return 1
        [[ $(stat -c %s "$dir/answer") == $((size + 1)) ]] || return 1
    done
    [[ $(redis-cli -p "$1" --raw LRANGE none 0 -1) == '' ]] || return 1
    [[ $(redis-cli -p "$1" -3 --no-raw CONFIG GET maxmemory) == *maxmemory* ]] || return 1
    [[ $(redis-cli -p "$1" --no-raw EVAL 'return {1, {2, {"a\r\nb"}}, false}' 0 | tr -d '\n ') == *'"a\r\nb"'* ]] || return 1
}

load_redis() {
    start redis || return 0
    proxies resp "${ports[redis]}"
    check 'Redis, values of 0 to 20 MB, nested' redis_values
    compare 'Redis, SET, 50 clients' req/s redis_benchmark set 100000 -c 50
    compare 'Redis, GET, 50 clients' req/s redis_benchmark get 100000 -c 50
    compare 'Redis, SET, 50 clients, 16 in flight' req/s redis_benchmark set 500000 -c 50 -P 16
    compare 'Redis, GET, 50 clients, 16 in flight' req/s redis_benchmark get 500000 -c 50 -P 16
    compare 'Redis, SET of 100 KB' req/s redis_benchmark set 10000 -c 10 -d 100000
    compare 'Redis, GET of 100 KB' req/s redis_benchmark get 10000 -c 10 -d 100000
    end_proxies
}

# ---- Mosquitto

# QoS, how many, file with a message, port for the publisher or -, port: MB a second, from the publisher's start to the
# subscriber's end
mqtt_() {
    local qos=$1 count=$2 file=$3 publish=${4/-/$5} port=$5 start sub size
    size=$(stat -c %s "$file")
    rm -f "$dir/mqtt.out"
    mosquitto_pub -p "${ports[mosquitto]}" -t "peer/ready" -r -m ready
    timeout 20 mosquitto_sub -p "$port" -q "$qos" -t 'peer/#' -C "$((count + 1))" -N >"$dir/mqtt.out" 2>&1 &
    sub=$!
    for _ in $(seq 100); do
        [[ -s $dir/mqtt.out ]] && break
        pause 0.05
    done
    start=$(now)
    # Mosquitto drops messages of QoS 0 for a subscriber that falls behind: those are paced
    mosquitto_pub -p "$publish" -q "$qos" -t peer/load -f "$file" --repeat "$count" \
        --repeat-delay "$([[ $qos -gt 0 ]] && echo 0 || echo 0.001)" || return 1
    wait $sub || return 1
    rate "$(awk -v n="$count" -v s="$size" 'BEGIN { print n * s / 1e6 }')" "$(elapsed "$start")"
    {
        printf ready
        for ((i = 0; i < count; i++)); do
            cat "$file"
        done
    } | cmp - "$dir/mqtt.out" >&2
}

load_mosquitto() {
    command -v mosquitto_pub >/dev/null || { echo 'mosquitto is left out: no mosquitto-clients' >&2; return 0; }
    start mosquitto || return 0
    head -c 64 /dev/urandom | base64 -w 0 >"$dir/small"
    head -c 1048576 /dev/urandom >"$dir/large"
    proxies mqtt "${ports[mosquitto]}"
    check 'Mosquitto, QoS 0, 1 MiB, published too' mqtt_ 0 60 "$dir/large" -
    check 'Mosquitto, QoS 0, 88 B, published too' mqtt_ 0 5000 "$dir/small" -
    for qos in 0 1 2; do
        # A publisher of QoS 0 closes behind its last message, and the proxy of bytes loses some of what came before a
        # close: this one is compared on the way to the subscriber only.
        publish=$([[ $qos -gt 0 ]] && echo - || echo "${ports[mosquitto]}")
        compare "Mosquitto, QoS $qos, 1 MiB" MB/s mqtt_ $qos 60 "$dir/large" "$publish"
        compare "Mosquitto, QoS $qos, 88 B" MB/s mqtt_ $qos 5000 "$dir/small" "$publish"
    done
    end_proxies
}

# ---- NSD

dig_() {
    local i
    for i in 1 17 3000; do
        [[ $(dig +tcp +short -p "$1" @127.0.0.1 TXT "host$i.example") == '"'x*'"' ]] || return 1
    done
    [[ $(dig +tcp +keepopen +short -p "$1" @127.0.0.1 A ns.example A ns.example A ns.example | sort -u) == 192.0.2.1 ]] ||
        return 1
    diff <(dig +tcp -p "$1" @127.0.0.1 AXFR example | grep -v '^;') \
        <(dig +tcp -p "${ports[nsd]}" @127.0.0.1 AXFR example | grep -v '^;')
}

axfr() {
    local start i
    start=$(now)
    for i in 1 2 3 4 5; do
        [[ $(dig +tcp -p "$1" @127.0.0.1 AXFR example | grep -c TXT) == 3000 ]] || return 1
    done
    rate 15000 "$(elapsed "$start")"
}

dnsperf_() {
    dnsperf -m tcp -s 127.0.0.1 -p "$2" -d "$dir/queries" -l 2 -c "$1" -q 200 >"$dir/dnsperf.out" 2>&1
    grep -q 'Queries lost: *0 ' "$dir/dnsperf.out" && grep -q 'NOERROR.*(100.00%)' "$dir/dnsperf.out" ||
        { cat "$dir/dnsperf.out" >&2; return 1; }
    sed -nE 's/ *Queries per second: *([0-9.]+)/\1/p' "$dir/dnsperf.out"
}

load_nsd() {
    command -v dig >/dev/null || { echo 'nsd is left out: no dig (bind9-dnsutils)' >&2; return 0; }
    start nsd || return 0
    proxies dns "${ports[nsd]}"
    check 'NSD, dig +tcp, +keepopen, AXFR' dig_
    compare 'NSD, AXFR by dig' rows/s axfr
    if command -v dnsperf >/dev/null; then
        for i in $(seq 3000); do
            echo "host$i.example TXT"
        done >"$dir/queries"
        compare 'NSD, dnsperf -m tcp, 1 connection' req/s dnsperf_ 1
        compare 'NSD, dnsperf -m tcp, 20 connections' req/s dnsperf_ 20
    else
        echo 'dnsperf is left out: not installed' >&2
    fi
    end_proxies
}

# ---- ZooKeeper

zookeeper_cli() {
    java -cp '/etc/zookeeper/conf_example:/usr/share/java/zookeeper.jar:/usr/share/java/*' -Xmx256m \
        org.apache.zookeeper.ZooKeeperMain -server "127.0.0.1:$1" 2>"$dir/zookeeper-cli.err"
}

zookeeper_() {
    local start
    start=$(now)
    {
        echo "deleteall /load"
        echo "create /load x"
        for i in $(seq 1500); do
            echo "create /load/n$i value$i"
            echo "get /load/n$i"
        done
        echo quit
    } | zookeeper_cli "$1" >"$dir/zookeeper.out" || return 1
    diff <(grep '^value' "$dir/zookeeper.out") <(for i in $(seq 1500); do echo "value$i"; done) >&2 || return 1
    rate 3000 "$(elapsed "$start")"
}

load_zookeeper() {
    start zookeeper || return 0
    proxies length4 "${ports[zookeeper]}"
    compare 'ZooKeeper, its own client, start included' req/s zookeeper_
    end_proxies
}

# ---- RabbitMQ

amqp_() {
    local start i count=$1 file=$2 port=$3
    amqp-declare-queue --url="amqp://guest:guest@127.0.0.1:${ports[rabbitmq]}" -q load >/dev/null
    start=$(now)
    for ((i = 0; i < count; i++)); do
        amqp-publish --url="amqp://guest:guest@127.0.0.1:$port" -r load <"$file" || return 1
    done
    amqp-consume --url="amqp://guest:guest@127.0.0.1:$port" -q load -A -c "$count" cat >"$dir/amqp.out" || return 1
    rate "$(awk -v n="$count" -v s="$(stat -c %s "$file")" 'BEGIN { print 2 * n * s / 1e6 }')" "$(elapsed "$start")"
    for ((i = 0; i < count; i++)); do
        cat "$file"
    done | cmp "$dir/amqp.out" - >&2
}

load_rabbitmq() {
    command -v amqp-publish >/dev/null || { echo 'rabbitmq is left out: no amqp-tools' >&2; return 0; }
    start rabbitmq || return 0
    head -c 1000000 /dev/urandom >"$dir/message"
    proxies amqp "${ports[rabbitmq]}"
    compare 'RabbitMQ, 1 MB messages, there and back' MB/s amqp_ 40 "$dir/message"
    end_proxies
}

for load in "${loads[@]}"; do
    load_"$load"
done
exit $failed
