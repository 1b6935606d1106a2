#!/usr/bin/env bash
# Starts real servers on loopback ports, in a directory of their own, and runs RealPeersTest against them.
# Wants Debian's postgresql, nsd, mosquitto, rabbitmq-server, mariadb-server, git and bsdutils; root, whom most servers
# leave at once. What is not installed is left out, and its tests are reported as skipped.
set -euo pipefail
cd "$(dirname "$0")/../../../.."

dir=$(mktemp -d)
chmod 755 "$dir"
pids=()
properties=()

stop() {
    for pid in "${pids[@]}"; do
        kill "$pid" 2>/dev/null || true
    done
    wait
    rm -rf "$dir"
}
trap stop EXIT

# name, port: waits until something listens there
await() {
    for _ in $(seq 600); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null; then
            properties+=("-Dpeer.$1=$2")
            return
        fi
        read -rt 0.2 <> <(:) || true
    done
    echo "$1 does not answer on port $2" >&2
    cat "$dir/$1.log" >&2
    exit 1
}

own() {
    mkdir -p "$dir/$1"
    chown "$1" "$dir/$1" 2>/dev/null || true
}

if compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; then
    bin=$(dirname "$(compgen -G '/usr/lib/postgresql/*/bin/postgres' | tail -1)")
    own postgres
    runuser -u postgres -- "$bin/initdb" -A trust -D "$dir/postgres/data" >"$dir/postgres.log"
    runuser -u postgres -- "$bin/postgres" -D "$dir/postgres/data" -p 15432 -k "$dir/postgres" \
        -c listen_addresses=127.0.0.1 >>"$dir/postgres.log" 2>&1 &
    pids+=($!)
    await postgres 15432
fi

if [[ -x /usr/sbin/nsd ]]; then
    mkdir "$dir/nsd"
    {
        printf '$ORIGIN example.\n@ 60 IN SOA ns hostmaster 1 60 60 60 60\n@ 60 IN NS ns\nns 60 IN A 192.0.2.1\n'
        for i in $(seq 3000); do
            printf 'host%d 60 IN TXT "%s"\n' "$i" "$(printf 'x%.0s' {1..100})"
        done
    } >"$dir/nsd/example.zone"
    cat >"$dir/nsd/nsd.conf" <<CONF
server:
    ip-address: 127.0.0.1@15353
    username: ""
    chroot: ""
    zonesdir: "$dir/nsd"
    pidfile: "$dir/nsd/pid"
    xfrdfile: "$dir/nsd/xfrd"
    zonelistfile: "$dir/nsd/zones"
    database: ""
remote-control:
    control-enable: no
zone:
    name: example
    zonefile: example.zone
    provide-xfr: 127.0.0.1 NOKEY
CONF
    /usr/sbin/nsd -d -c "$dir/nsd/nsd.conf" >"$dir/nsd.log" 2>&1 &
    pids+=($!)
    await nsd 15353
fi

if [[ -x /usr/sbin/mosquitto ]]; then
    printf 'listener 11883 127.0.0.1\nallow_anonymous true\n' >"$dir/mosquitto.conf"
    /usr/sbin/mosquitto -c "$dir/mosquitto.conf" >"$dir/mosquitto.log" 2>&1 &
    pids+=($!)
    await mosquitto 11883
fi

if [[ -x /usr/sbin/rabbitmq-server ]]; then
    own rabbitmq
    # Erlang's port mapper stays behind unless it is ours
    export ERL_EPMD_PORT=14369
    runuser -u rabbitmq -- env ERL_EPMD_PORT=14369 epmd -address 127.0.0.1 >"$dir/epmd.log" 2>&1 &
    pids+=($!)
    RABBITMQ_BASE="$dir/rabbitmq" RABBITMQ_MNESIA_BASE="$dir/rabbitmq/mnesia" RABBITMQ_LOG_BASE="$dir/rabbitmq/log" \
        RABBITMQ_PID_FILE="$dir/rabbitmq/pid" RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT=15672 \
        RABBITMQ_NODENAME=peer@localhost RABBITMQ_DIST_PORT=25673 RABBITMQ_ENABLED_PLUGINS_FILE="$dir/rabbitmq/plugins" \
        runuser -u rabbitmq --preserve-environment -- env HOME="$dir/rabbitmq" /usr/lib/rabbitmq/bin/rabbitmq-server \
        >"$dir/rabbitmq.log" 2>&1 &
    pids+=($!)
    await rabbitmq 15672
fi

if [[ -x /usr/sbin/mariadbd ]]; then
    own mysql
    mariadb-install-db --user=mysql --auth-root-authentication-method=normal --datadir="$dir/mysql/data" \
        >"$dir/mariadb.log" 2>&1
    /usr/sbin/mariadbd --no-defaults --user=mysql --datadir="$dir/mysql/data" --bind-address=127.0.0.1 --port=13306 \
        --socket="$dir/mysql/socket" --pid-file="$dir/mysql/pid" --max-allowed-packet=64M >>"$dir/mariadb.log" 2>&1 &
    pids+=($!)
    await mariadb 13306
fi

if command -v git >/dev/null; then
    git init -q --bare "$dir/git/repo"
    tree=$(git -C "$dir/git/repo" mktree </dev/null)
    commit=$(GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a \
        git -C "$dir/git/repo" commit-tree -m a "$tree")
    for i in $(seq 500); do
        printf 'create refs/heads/branch%d %s\n' "$i" "$commit"
    done | git -C "$dir/git/repo" update-ref --stdin
    git daemon --listen=127.0.0.1 --port=19418 --export-all --base-path="$dir/git" >"$dir/git.log" 2>&1 &
    pids+=($!)
    await git 19418
fi

if command -v logger >/dev/null; then
    properties+=(-Dpeer.logger=logger)
fi

mvn -B -ntp "$@" -pl reactor-framing test -Dtest=RealPeersTest -Dgroups=campaign -DexcludedGroups= "${properties[@]}"
