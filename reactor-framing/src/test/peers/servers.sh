# Real servers on loopback ports, in a directory of their own. To be sourced: `start NAME` starts one and waits until it
# answers, or says what is not installed and fails; all end with the script. Wants root, whom most servers leave at once.

dir=$(mktemp -d)
chmod 755 "$dir"
pids=()
declare -A ports=()

stop() {
    for pid in "${pids[@]}"; do
        kill "$pid" 2>/dev/null || true
    done
    wait
    rm -rf "$dir"
}
trap stop EXIT

# name: starts a server on its port
start() {
    local file=${needs[$1]#*:} package=${needs[$1]%%:*}
    if ! compgen -G "$file" >/dev/null; then
        echo "$1 is left out: $file is not there (Debian's $package)" >&2
        return 1
    fi
    start_"$1"
}

# name, port: waits until something listens there
await() {
    for _ in $(seq 600); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null; then
            ports[$1]=$2
            return
        fi
        pause 0.2
    done
    echo "$1 does not answer on port $2" >&2
    cat "$dir/$1.log" >&2
    exit 1
}

pause() {
    read -rt "$1" <> <(:) || true
}

own() {
    mkdir -p "$dir/$1"
    chown "$1" "$dir/$1" 2>/dev/null || true
}

# A certificate of its own for localhost, as cert.pem and key.pem, for a user
certificate() {
    mkdir -p "$dir/tls-$1"
    openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 2 \
        -keyout "$dir/tls-$1/key.pem" -out "$dir/tls-$1/cert.pem" 2>/dev/null
    chmod 600 "$dir/tls-$1/key.pem"
    chown -R "$1" "$dir/tls-$1"
}

# Debian package and a file of it
declare -A needs=(
    [postgres]='postgresql:/usr/lib/postgresql/*/bin/postgres'
    [nsd]='nsd:/usr/sbin/nsd'
    [mosquitto]='mosquitto:/usr/sbin/mosquitto'
    [rabbitmq]='rabbitmq-server:/usr/sbin/rabbitmq-server'
    [mariadb]='mariadb-server:/usr/sbin/mariadbd'
    [git]='git:/usr/bin/git'
    [redis]='redis-server:/usr/bin/redis-server'
    [memcached]='memcached:/usr/bin/memcached'
    [nats]='nats-server:/usr/sbin/nats-server'
    [slapd]='slapd:/usr/sbin/slapd'
    [dovecot]='dovecot-imapd:/usr/lib/dovecot/imap'
    [exim]='exim4-daemon-light:/usr/sbin/exim4'
    [zookeeper]='zookeeper:/usr/share/java/zookeeper.jar'
)

start_postgres() {
    local bin
    bin=$(dirname "$(compgen -G '/usr/lib/postgresql/*/bin/postgres' | tail -1)")
    own postgres
    certificate postgres
    runuser -u postgres -- "$bin/initdb" -A trust -D "$dir/postgres/data" >"$dir/postgres.log"
    cat >>"$dir/postgres/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
fsync = off
ssl = on
ssl_cert_file = '$dir/tls-postgres/cert.pem'
ssl_key_file = '$dir/tls-postgres/key.pem'
CONF
    runuser -u postgres -- "$bin/postgres" -D "$dir/postgres/data" -p 15432 -k "$dir/postgres" >>"$dir/postgres.log" 2>&1 &
    pids+=($!)
    await postgres 15432
}

start_nsd() {
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
    tcp-query-count: 0
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
}

start_mosquitto() {
    # without limits on its queues, as it drops messages of QoS 0 beyond them
    printf 'listener 11883 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n' >"$dir/mosquitto.conf"
    /usr/sbin/mosquitto -c "$dir/mosquitto.conf" >"$dir/mosquitto.log" 2>&1 &
    pids+=($!)
    await mosquitto 11883
}

start_rabbitmq() {
    own rabbitmq
    echo '[rabbitmq_stomp].' >"$dir/rabbitmq/plugins"
    echo 'stomp.listeners.tcp.1 = 127.0.0.1:15613' >"$dir/rabbitmq/rabbitmq.conf"
    # Erlang's port mapper stays behind unless it is ours
    export ERL_EPMD_PORT=14369
    runuser -u rabbitmq -- env ERL_EPMD_PORT=14369 epmd -address 127.0.0.1 >"$dir/epmd.log" 2>&1 &
    pids+=($!)
    RABBITMQ_BASE="$dir/rabbitmq" RABBITMQ_MNESIA_BASE="$dir/rabbitmq/mnesia" RABBITMQ_LOG_BASE="$dir/rabbitmq/log" \
        RABBITMQ_PID_FILE="$dir/rabbitmq/pid" RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT=15672 \
        RABBITMQ_NODENAME=peer@localhost RABBITMQ_DIST_PORT=25673 RABBITMQ_ENABLED_PLUGINS_FILE="$dir/rabbitmq/plugins" \
        RABBITMQ_CONFIG_FILE="$dir/rabbitmq/rabbitmq.conf" \
        runuser -u rabbitmq --preserve-environment -- env HOME="$dir/rabbitmq" /usr/lib/rabbitmq/bin/rabbitmq-server \
        >"$dir/rabbitmq.log" 2>&1 &
    pids+=($!)
    await rabbitmq 15672
}

start_mariadb() {
    own mysql
    mariadb-install-db --user=mysql --auth-root-authentication-method=normal --datadir="$dir/mysql/data" \
        >"$dir/mariadb.log" 2>&1
    /usr/sbin/mariadbd --no-defaults --user=mysql --datadir="$dir/mysql/data" --bind-address=127.0.0.1 --port=13306 \
        --socket="$dir/mysql/socket" --pid-file="$dir/mysql/pid" --max-allowed-packet=64M >>"$dir/mariadb.log" 2>&1 &
    pids+=($!)
    await mariadb 13306
}

start_git() {
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
}

start_redis() {
    mkdir "$dir/redis"
    redis-server --bind 127.0.0.1 --port 16379 --save '' --appendonly no --dir "$dir/redis" >"$dir/redis.log" 2>&1 &
    pids+=($!)
    await redis 16379
}

start_memcached() {
    memcached -l 127.0.0.1 -p 21211 -U 0 -u nobody -m 64 >"$dir/memcached.log" 2>&1 &
    pids+=($!)
    await memcached 21211
}

start_nats() {
    /usr/sbin/nats-server -a 127.0.0.1 -p 14222 >"$dir/nats.log" 2>&1 &
    pids+=($!)
    await nats 14222
}

start_slapd() {
    own openldap
    mkdir -p "$dir/openldap/data"
    chown -R openldap "$dir/openldap"
    cat >"$dir/openldap/slapd.conf" <<CONF
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
suffix "dc=example"
rootdn "cn=admin,dc=example"
rootpw secret
directory $dir/openldap/data
CONF
    /usr/sbin/slapd -d 0 -u openldap -h ldap://127.0.0.1:10389/ -f "$dir/openldap/slapd.conf" >"$dir/slapd.log" 2>&1 &
    pids+=($!)
    await slapd 10389
}

start_dovecot() {
    certificate dovecot
    mkdir -p "$dir/dovecot/mail"
    chown -R mail:mail "$dir/dovecot/mail"
    cat >"$dir/dovecot/dovecot.conf" <<CONF
base_dir = $dir/dovecot/run
log_path = $dir/dovecot.log
protocols = imap
first_valid_uid = 1
first_valid_gid = 1
listen = 127.0.0.1
ssl = yes
ssl_cert = <$dir/tls-dovecot/cert.pem
ssl_key = <$dir/tls-dovecot/key.pem
mail_location = maildir:$dir/dovecot/mail/%u
service imap-login {
  inet_listener imap {
    port = 10143
  }
  inet_listener imaps {
    port = 0
  }
}
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=mail gid=mail home=$dir/dovecot/mail/%u
}
CONF
    /usr/sbin/dovecot -F -c "$dir/dovecot/dovecot.conf" >>"$dir/dovecot.log" 2>&1 &
    pids+=($!)
    await dovecot 10143
}

start_exim() {
    certificate Debian-exim
    mkdir -p "$dir/exim"
    chown Debian-exim "$dir/exim"
    cat >"$dir/exim.conf" <<CONF
local_interfaces = 127.0.0.1
daemon_smtp_ports = 10025
primary_hostname = localhost
spool_directory = $dir/exim
log_file_path = $dir/exim/%slog
pid_file_path = $dir/exim/pid
tls_advertise_hosts = *
tls_certificate = $dir/tls-Debian-exim/cert.pem
tls_privatekey = $dir/tls-Debian-exim/key.pem
acl_smtp_rcpt = accept
acl_smtp_data = accept
begin acl
accept:
  accept
begin routers
nowhere:
  driver = redirect
  data = :blackhole:
CONF
    /usr/sbin/exim4 -bdf -C "$dir/exim.conf" >"$dir/exim.log" 2>&1 &
    pids+=($!)
    await exim 10025
}

start_zookeeper() {
    mkdir "$dir/zookeeper"
    printf 'tickTime=2000\ndataDir=%s\nclientPortAddress=127.0.0.1\nclientPort=12181\nadmin.enableServer=false\n' \
        "$dir/zookeeper" >"$dir/zookeeper.cfg"
    java -cp '/etc/zookeeper/conf_example:/usr/share/java/zookeeper.jar:/usr/share/java/*' -Xmx256m \
        -Dzookeeper.jmx.log4j.disable=true org.apache.zookeeper.server.quorum.QuorumPeerMain "$dir/zookeeper.cfg" \
        >"$dir/zookeeper.log" 2>&1 &
    pids+=($!)
    await zookeeper 12181
}
