#!/usr/bin/env bash
# Puts the example FrameProxy between real clients and real servers, framed by a preset, and sees that the clients get what
# they get without it and that every frame is one message: that its length is the one its first bytes tell, or that the
# messages are as many as were sent. What is not installed is left out.
#
#   presets.sh [PRESET...]      all of them unless named
#
# CLASSPATH_OF_PROXY, if set, spares the build.
set -euo pipefail
cd "$(dirname "$0")/../../../.."
source reactor-framing/src/test/peers/servers.sh

presets=("$@")
[[ ${#presets[@]} -gt 0 ]] || presets=(resp memcached nats zookeeper ldap http2 sip snmp stomp mysql imap tls fix websocket mongo
    cassandra kafka)

classpath=${CLASSPATH_OF_PROXY:-}
if [[ -z $classpath ]]; then
    mvn -B -ntp -q -pl examples -am compile dependency:build-classpath -Dmdep.outputFile="$dir/classpath"
    classpath=examples/target/classes:$(cat "$dir/classpath")
fi
failed=0

# preset, port of the server: sets proxy to the port of a proxy before it
proxied() {
    log=$dir/$1.frames
    java -Xmx256m -XX:TieredStopAtLevel=1 -cp "$classpath" reactor.framing.examples.FrameProxy --target "$2" --port 0 \
        --framing "$1" --log 64 >"$log" 2>&1 &
    proxy_pid=$!
    pids+=($!)
    for _ in $(seq 600); do
        grep -q '^listening' "$log" && break
        pause 0.1
    done
    proxy=$(sed -nE 's/^listening on [^:]+:([0-9]+),.*/\1/p' "$log")
}

# commands that clients need
have() {
    local command
    for command in "$@"; do
        command -v "$command" >/dev/null || { echo "$preset is left out: no $command" >&2; return 1; }
    done
}

# The frames in a direction, as "length hex"
frames() {
    sed -n "s/^$1 //p" "$log"
}

# direction, awk condition on length and hex, of every frame
every() {
    local wrong
    wrong=$(frames "$1" | awk "
        function n(from, digits, v, i) { v = 0; for (i = 0; i < digits; i++)
            v = v * 16 + index(\"0123456789abcdef\", substr(\$2, from + i, 1)) - 1; return v }
        { length_ = \$1; hex = \$2; if (!($2)) print }" | head -3)
    [[ -n $(frames "$1") && -z $wrong ]] || { echo "frames $1: ${wrong:-none}" >&2; return 1; }
}

# direction, at least so many frames
many() {
    (($(frames "$1" | wc -l) >= $2)) || { echo "frames $1: $(frames "$1" | wc -l)" >&2; return 1; }
}

same() {
    [[ $1 == "$2" ]] || { echo "'$1' is not '$2'" >&2; return 1; }
}

# Profile, class, arguments: runs a client and its server in one process. Their libraries come from Maven Central.
peers() {
    local name=$1 class=$2 here=reactor-framing/src/test/peers/clients libraries
    shift 2
    libraries=$(cat "$dir/$name.libraries")
    mkdir -p "$dir/$name.classes"
    javac --release 17 -nowarn -d "$dir/$name.classes" -cp "$libraries" "$here/Peers.java" "$here/$class.java" &&
        timeout 300 java -Xmx1g -cp "$dir/$name.classes:$libraries" "reactor.framing.peers.$class" "$@"
}

# profile
libraries() {
    mvn -B -ntp -q -f reactor-framing/src/test/peers/clients/pom.xml "-P$1" dependency:build-classpath \
        -Dmdep.outputFile="$dir/$1.libraries" || { echo "$preset is left out: its libraries cannot be had" >&2; return 1; }
}

# ---- each sends something through the proxy and looks at what comes, and at the frames

preset_resp() {
    have redis-cli && start redis && proxied resp "${ports[redis]}" || return 3
    same "$(redis-cli -p "$proxy" ECHO hello)" hello &&
        same "$(redis-cli -p "$proxy" MSET a 1 b 2)" OK &&
        same "$(redis-cli -p "$proxy" --raw MGET a b none)" "$(printf '1\n2\n')" &&
        same "$(redis-cli -3 -p "$proxy" --no-raw CONFIG GET maxmemory)" '1# "maxmemory" => "0"' &&
        same "$(redis-cli -p "$proxy" --no-raw EVAL 'return {1, {2, {"a\r\nb"}}}' 0 | tr -d '\n ')" \
            '1)(integer)12)1)(integer)22)1)"a\r\nb"' &&
        redis-benchmark -q -p "$proxy" -n 2000 -P 16 -t set,get,lrange_100,mset -e >"$dir/out" 2>&1 &&
        # commands are arrays of strings; LRANGE's answers are 2 KB each and whole
        every '>' 'hex ~ /^2a/' && every '<' 'hex ~ /^(2b|24|2a|3a|2d|25)/' &&
        (($(frames '<' | awk '$2 ~ /^2a3130300d/' | wc -l) >= 2000))
}

preset_memcached() {
    have python3 && start memcached && proxied memcached "${ports[memcached]}" || return 3
    python3 - "$proxy" <<'PY' &&
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 30)
f = s.makefile("rwb")
values = [b"", b"x", b"VALUE a 0 5\r\nEND\r\n", b"\r\n" * 500, bytes(range(256)) * 3000]
for i, v in enumerate(values):
    f.write(b"set k%d 0 0 %d\r\n%s\r\n" % (i, len(v), v))
f.flush()
assert all(f.readline() == b"STORED\r\n" for _ in values)
f.write(b"get " + b" ".join(b"k%d" % i for i in range(len(values))) + b"\r\nincr k1 1\r\nmg k2 v\r\nversion\r\n")
f.flush()
for i, v in enumerate(values):
    assert f.readline() == b"VALUE k%d 0 %d\r\n" % (i, len(v))
    assert f.read(len(v) + 2) == v + b"\r\n"
assert f.readline() == b"END\r\n"
assert f.readline().startswith(b"CLIENT_ERROR")
assert f.readline() == b"VA %d\r\n" % len(values[2]) and f.read(len(values[2]) + 2) == values[2] + b"\r\n"
assert f.readline().startswith(b"VERSION")
s.close()
# binary: set and get
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 30)
f = s.makefile("rwb")
f.write(bytes.fromhex("80010001 08000000 0000000c 00000000 0000000000000000 0000000000000000".replace(" ", "")) + b"bhi!")
f.write(bytes.fromhex("80000001 00000000 00000001 00000000 0000000000000000".replace(" ", "")) + b"b")
f.flush()
assert f.read(24)[:2] == b"\x81\x01"
assert f.read(24)[:2] == b"\x81\x00" and f.read(7)[4:] == b"hi!"
PY
        # 5 sets, 4 lines, 2 binary; 5 STORED, 5 values and END, 3 others, 2 binary
        same "$(frames '>' | wc -l)" 11 && same "$(frames '<' | wc -l)" 16
}

preset_nats() {
    have python3 && start nats && proxied nats "${ports[nats]}" || return 3
    python3 - "$proxy" <<'PY' &&
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 30)
f = s.makefile("rwb")
assert f.readline().startswith(b"INFO {")
payloads = [b"", b"hi", b"MSG x 1 5\r\nPING\r\n", bytes(range(256)) * 2000]
f.write(b'CONNECT {"verbose":false,"headers":true}\r\nPING\r\nSUB t.* 1\r\n')
for p in payloads:
    f.write(b"PUB t.a %d\r\n%s\r\n" % (len(p), p))
head = b"NATS/1.0\r\nk: v\r\n\r\n"
f.write(b"HPUB t.h %d %d\r\n%shi\r\nPING\r\n" % (len(head), len(head) + 2, head))
f.flush()
assert f.readline() == b"PONG\r\n"
for p in payloads:
    assert f.readline() == b"MSG t.a 1 %d\r\n" % len(p)
    assert f.read(len(p) + 2) == p + b"\r\n"
assert f.readline() == b"HMSG t.h 1 %d %d\r\n" % (len(head), len(head) + 2)
assert f.read(len(head) + 4) == head + b"hi\r\n"
assert f.readline() == b"PONG\r\n"
PY
        same "$(frames '>' | wc -l)" 9 && same "$(frames '<' | wc -l)" 8
}

preset_zookeeper() {
    have java && start zookeeper && proxied zookeeper "${ports[zookeeper]}" || return 3
    {
        echo 'create /node value'
        for i in $(seq 100); do
            echo "create /node/n$i value$i"
            echo "get /node/n$i"
        done
        echo 'ls /node'
        echo quit
    } | java -cp '/etc/zookeeper/conf_example:/usr/share/java/zookeeper.jar:/usr/share/java/*' -Xmx256m \
        org.apache.zookeeper.ZooKeeperMain -server "127.0.0.1:$proxy" >"$dir/out" 2>"$dir/err" &&
        same "$(grep -c '^value' "$dir/out")" 100 && many '>' 203 && many '<' 203
}

preset_ldap() {
    have ldapadd ldapsearch && start slapd && proxied ldap "${ports[slapd]}" || return 3
    {
        printf 'dn: dc=example\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: example\n\n'
        for i in $(seq 300); do
            printf 'dn: cn=c%d,dc=example\nobjectClass: organizationalRole\ncn: c%d\ndescription: %s\n\n' "$i" "$i" \
                "$(printf "%$((i * 20))s" | tr ' ' x)"
        done
    } | ldapadd -x -H "ldap://127.0.0.1:$proxy" -D cn=admin,dc=example -w secret >"$dir/out" 2>&1 &&
        ldapsearch -x -LLL -o ldif-wrap=no -H "ldap://127.0.0.1:$proxy" -b dc=example '(cn=c*)' >"$dir/proxied" &&
        ldapsearch -x -LLL -o ldif-wrap=no -H "ldap://127.0.0.1:${ports[slapd]}" -b dc=example '(cn=c*)' >"$dir/direct" &&
        cmp "$dir/proxied" "$dir/direct" && same "$(grep -c ^dn: "$dir/proxied")" 300 &&
        # a sequence, with its length in 1 to 3 bytes
        for direction in '>' '<'; do
            every "$direction" 'hex ~ /^30/ && (n(3, 2) < 128 && length_ == 2 + n(3, 2) ||
                n(3, 2) == 129 && length_ == 3 + n(5, 2) || n(3, 2) == 130 && length_ == 4 + n(5, 4) ||
                n(3, 2) == 132 && length_ == 6 + n(5, 8))' || return 1
        done && many '<' 601
}

preset_http2() {
    have nghttpd h2load curl || return 3
    mkdir -p "$dir/www"
    head -c 3000000 /dev/urandom >"$dir/www/large"
    echo hello >"$dir/www/small"
    nghttpd --no-tls -a 127.0.0.1 -d "$dir/www" 18080 >"$dir/nghttpd.log" 2>&1 &
    pids+=($!)
    await nghttpd 18080
    proxied http2 18080
    curl -sS --http2-prior-knowledge "http://127.0.0.1:$proxy/large" | cmp - "$dir/www/large" &&
        same "$(curl -sS --http2-prior-knowledge "http://127.0.0.1:$proxy/small")" hello &&
        h2load -n 2000 -c 4 -m 20 "http://127.0.0.1:$proxy/small" >"$dir/out" 2>&1 &&
        grep -q '2000 succeeded, 0 failed' "$dir/out" &&
        every '>' 'hex ~ /^505249202a/ || length_ == 9 + n(1, 6)' && every '<' 'length_ == 9 + n(1, 6)'
}

preset_sip() {
    have sipp || return 3
    sipp -sn uas -i 127.0.0.1 -p 15060 -t t1 -nostdin -m 200 >"$dir/sipp.log" 2>&1 &
    pids+=($!)
    await sipp 15060
    proxied sip 15060
    (cd "$dir" && sipp -sn uac -i 127.0.0.1 -t t1 -nostdin -m 200 -r 100 -d 10 -timeout 60 "127.0.0.1:$proxy" \
        >"$dir/out" 2>&1) &&
        # INVITE, ACK, BYE; 180, 200, 200
        same "$(frames '>' | awk '$2 ~ /^(494e56495445|41434b|425945)20/' | wc -l)" 600 &&
        same "$(frames '<' | awk '$2 ~ /^5349502f322e30/' | wc -l)" 600 && same "$(frames '.' | wc -l)" 1200
}

preset_snmp() {
    have snmpd snmpwalk || return 3
    printf 'rocommunity public 127.0.0.1\nsysContact frames\n' >"$dir/snmpd.conf"
    snmpd -f -C -c "$dir/snmpd.conf" -Lf "$dir/snmpd.log" -I -smux tcp:127.0.0.1:10161 >"$dir/snmpd.out" 2>&1 &
    pids+=($!)
    await snmpd 10161
    proxied snmp 10161
    snmpwalk -v2c -c public -On "tcp:127.0.0.1:$proxy" .1.3.6.1.2.1.1 >"$dir/out" 2>"$dir/err" &&
        grep -q 'STRING: "*frames' "$dir/out" &&
        snmpbulkget -v2c -c public -Cr40 -On "tcp:127.0.0.1:$proxy" .1.3.6.1.2.1 >"$dir/out" 2>"$dir/err" &&
        for direction in '>' '<'; do
            every "$direction" 'hex ~ /^30/ && (n(3, 2) < 128 && length_ == 2 + n(3, 2) ||
                n(3, 2) == 129 && length_ == 3 + n(5, 2) || n(3, 2) == 130 && length_ == 4 + n(5, 4))' || return 1
        done
}

preset_stomp() {
    # Debian's, which sees Debian's packages
    /usr/bin/python3 -c 'import stomp' 2>/dev/null && [[ -x /usr/sbin/rabbitmq-server ]] ||
        { echo 'stomp is left out: no rabbitmq-server or python3-stomp' >&2; return 3; }
    start rabbitmq && await stomp 15613 && proxied stomp 15613 || return 3
    /usr/bin/python3 - "$proxy" <<'PY' && many '>' 26 && many '<' 25 && every '<' 'hex ~ /^(0a|434f4e4e|4d455353|52454345)/'
import stomp, sys, threading
bodies = ["", "x", "\0".join(["a"] * 9), "line\n\nline"] + ["b" * n for n in range(0, 200000, 10000)]
got, done = [], threading.Event()
class Listener(stomp.ConnectionListener):
    def on_message(self, frame):
        got.append(frame.body)
        if len(got) == len(bodies):
            done.set()
c = stomp.Connection12([("127.0.0.1", int(sys.argv[1]))], vhost="/")
c.set_listener("", Listener())
c.connect("guest", "guest", wait=True)
c.subscribe("/queue/frames", 1)
for b in bodies:
    c.send("/queue/frames", b)
assert done.wait(30), len(got)
assert got == bodies
c.disconnect()
PY
}

preset_mysql() {
    have mariadb && start mariadb && proxied mysql "${ports[mariadb]}" || return 3
    same "$(mariadb -h 127.0.0.1 -P "$proxy" -u root --skip-ssl -N -e \
        "SELECT 'hello'; SELECT LENGTH(REPEAT('x', 40000000)); SELECT seq FROM mysql.seq_1_to_3")" \
        "$(printf 'hello\n40000000\n1\n2\n3')" &&
        mariadb -h 127.0.0.1 -P "$proxy" -u root --skip-ssl -N --max-allowed-packet=64M \
            -e "SELECT REPEAT('x', 20000000)" >"$dir/out" && same "$(stat -c %s "$dir/out")" 20000001 &&
        # little-endian, in 3 bytes
        for direction in '>' '<'; do
            every "$direction" 'length_ == 4 + n(1, 2) + 256 * n(3, 2) + 65536 * n(5, 2)' || return 1
        done
}

preset_imap() {
    have python3 && start dovecot && proxied imap "${ports[dovecot]}" || return 3
    # Messages with bytes that look like answers, as literals both ways: those that do not wait for the server, as a frame
    # is a whole command
    python3 - "$proxy" <<'PY' && many '>' 12 && many '<' 20 && every '>' 'hex !~ /^2a20425945/'
import imaplib, sys
c = imaplib.IMAP4("127.0.0.1", int(sys.argv[1]), timeout=30)
c.login("reader", "secret")
c.select()
for size in (0, 1, 3000):
    message = b"Subject: frames\r\n\r\n" + b"* BYE\r\nA1 OK {7}\r\n" * size
    c.send(b"X APPEND INBOX {%d+}\r\n%s\r\n" % (len(message), message))
    while not (line := c.readline()).startswith(b"X "):
        assert line.startswith(b"* "), line
    assert line.startswith(b"X OK"), line
    c.noop()
    status, data = c.fetch("*", "(BODY[])")
    assert status == "OK" and data[0][1] == message, data[0][1][:60]
c.logout()
PY
}

preset_tls() {
    have openssl curl nghttpd || return 3
    certificate root
    mkdir -p "$dir/tlswww"
    head -c 3000000 /dev/urandom >"$dir/tlswww/large"
    nghttpd -a 127.0.0.1 -d "$dir/tlswww" 18443 "$dir/tls-root/key.pem" "$dir/tls-root/cert.pem" >"$dir/nghttpd.log" 2>&1 &
    pids+=($!)
    await nghttpd 18443
    proxied tls 18443
    curl -sSk "https://127.0.0.1:$proxy/large" | cmp - "$dir/tlswww/large" &&
        for direction in '>' '<'; do
            every "$direction" 'hex ~ /^1[4567]03/ && length_ == 5 + n(7, 4)' || return 1
        done
}

preset_fix() {
    libraries fix && proxied fix 18091 || return 3
    peers fix FixPeers 18091 "$proxy" &&
        # BodyLength counts from behind itself to the checksum, which has 7 bytes
        for direction in '>' '<'; do
            many "$direction" 202 && frames "$direction" | awk '
                { text = substr($2, 25); value = 0
                  for (digits = 0; substr(text, 1, 1) == "3"; digits++) {
                      value = 10 * value + substr(text, 2, 1)
                      text = substr(text, 3)
                  }
                  if ($2 !~ /^383d4649582e342e3401393d/ || $1 != 12 + digits + 1 + value + 7) { print; exit 1 } }' || return 1
        done
}

preset_websocket() {
    libraries websocket && proxied websocket 18092 || return 3
    peers websocket WebSocketPeers 18092 "$proxy" &&
        for direction in '>' '<'; do
            many "$direction" 21 && every "$direction" 'hex ~ /^(47455420|48545450)/ || length_ == (n(3, 2) > 127 ? 4 : 0) +
                (n(3, 2) % 128 < 126 ? 2 + n(3, 2) % 128 : n(3, 2) % 128 == 126 ? 4 + n(5, 4) : 10 + n(5, 16))' || return 1
        done
}

preset_mongo() {
    libraries mongo && proxied mongo 18093 || return 3
    peers mongo MongoPeers 18093 "$proxy" &&
        for direction in '>' '<'; do
            many "$direction" 30 && every "$direction" \
                'length_ == n(1, 2) + 256 * n(3, 2) + 65536 * n(5, 2) + 16777216 * n(7, 2)' || return 1
        done
}

preset_cassandra() {
    libraries cassandra && proxied cassandra 18094 || return 3
    peers cassandra CassandraPeers 18094 "$proxy" V4 &&
        many '>' 121 && every '>' 'hex ~ /^04/ && length_ == 9 + n(11, 8)' &&
        many '<' 121 && every '<' 'hex ~ /^84/ && length_ == 9 + n(11, 8)'
}

preset_kafka() {
    libraries kafka && proxied kafka 18095 || return 3
    mkdir "$dir/kafka"
    # what is framed is the payload: a request has at least its key, version and correlation id
    peers kafka KafkaPeers 18095 "$proxy" "$dir/kafka" 18096 &&
        many '>' 20 && every '>' 'n(1, 4) < 100 && n(5, 4) < 20' && many '<' 20 && every '<' 'length_ >= 4'
}

for preset in "${presets[@]}"; do
    result=0
    preset_"$preset" >"$dir/preset.log" 2>&1 || result=$?
    if [[ $result == 3 ]]; then
        printf '%-12s left out: %s\n' "$preset" "$(tail -1 "$dir/preset.log")"
        continue
    fi
    if grep -q 'Exception' "$log"; then
        echo "the proxy: $(grep -m 2 Exception "$log")" >>"$dir/preset.log"
        result=1
    fi
    printf '%-12s %s, %d frames there, %d back\n' "$preset" "$([[ $result == 0 ]] && echo correct || echo INCORRECT)" \
        "$(frames '>' | wc -l)" "$(frames '<' | wc -l)"
    if [[ $result != 0 ]]; then
        failed=1
        {
            cat "$dir/preset.log"
            echo 'the first frames:'
            head -20 "$log"
        } | sed 's/^/    /' >&2
    fi
    kill "$proxy_pid" 2>/dev/null || true
done
exit $failed
