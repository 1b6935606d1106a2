package reactor.framing.examples;

import static java.util.Map.entry;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.framing.FrameCodec;
import reactor.framing.Framing;
import reactor.framing.format.Delimiter;
import reactor.framing.format.FixedLength;
import reactor.framing.format.LengthField;
import reactor.framing.format.Protocols;
import reactor.framing.format.Switching;
import reactor.framing.netty.FramedConnection;

/**
 * A protocol that {@link FrameProxy} knows.
 *
 * @param requests how a client's frames are framed
 * @param answers how a server's frames are framed
 * @param start what is exchanged before frames go both ways
 */
record ProxiedProtocol(
        Framing requests, Framing answers, BiFunction<FramedConnection, FramedConnection, Mono<Void>> start) {

    private static final Map<String, ProxiedProtocol> ALL = new TreeMap<>(Map.ofEntries(
            entry("length4", of(LengthField.ofSize(4))),
            entry("amqp", of(Protocols.amqp())),
            entry("cassandra", of(Protocols.cassandra())),
            entry("dns", of(Protocols.dns())),
            entry("fix", of(Protocols.fix())),
            entry("http2", of(Protocols.http2())),
            entry("imap", of(Protocols.imap())),
            entry("kafka", of(Protocols.kafka())),
            entry("ldap", of(Protocols.ldap())),
            entry("memcached", of(Protocols.memcached())),
            entry("mongo", of(Protocols.mongo())),
            entry("mqtt", of(Protocols.mqtt())),
            entry("mysql", of(Protocols.mysql())),
            entry("nats", of(Protocols.nats())),
            entry(
                    "postgres",
                    new ProxiedProtocol(Protocols.postgres(), Protocols.postgres(), ProxiedProtocol::startPostgres)),
            entry("resp", of(Protocols.resp())),
            entry("sip", of(Protocols.sip())),
            entry("snmp", of(Protocols.snmp())),
            entry("stomp", of(Protocols.stomp())),
            entry("tls", of(Protocols.tlsRecords())),
            // HTTP's request and response are all that comes before frames
            entry(
                    "websocket",
                    of(Switching.of(Delimiter.of("\r\n\r\n").keepDelimiter(), frame -> Protocols.webSocket()))),
            entry("zookeeper", of(Protocols.zookeeper()))));

    /** TLS, as it goes on behind a message in plain text. */
    private static final FrameCodec TLS_RECORDS = FrameCodec.of(Protocols.tlsRecords());

    /** GSSAPI encryption as PostgreSQL has it. */
    private static final FrameCodec GSS_PACKETS = FrameCodec.of(LengthField.ofSize(4));

    private static final FrameCodec ONE_BYTE = FrameCodec.of(FixedLength.of(1));

    private static final int SSL_REQUEST = 80_877_103;
    private static final int GSSENC_REQUEST = 80_877_104;

    private static ProxiedProtocol of(Framing both) {
        return new ProxiedProtocol(both, both, (client, server) -> Mono.empty());
    }

    static String names() {
        return String.join(", ", ALL.keySet());
    }

    /** Null if there is none of this name. */
    static @Nullable ProxiedProtocol named(String name) {
        return ALL.get(name);
    }

    /** What is exchanged before frames go both ways. */
    Mono<Void> opening(FramedConnection client, FramedConnection server) {
        return start.apply(client, server);
    }

    /**
     * A client of PostgreSQL may ask for encryption before it says who it is. The answer is one byte and no message;
     * behind a yes, the proxy passes on what it cannot read.
     */
    private static Mono<Void> startPostgres(FramedConnection client, FramedConnection server) {
        return client.next().flatMap(first -> {
            int request = first.remaining() == 8 ? first.getInt(4) : 0;
            if (request != SSL_REQUEST && request != GSSENC_REQUEST) {
                return server.send(Mono.just(first));
            }
            FrameCodec encrypted = request == SSL_REQUEST ? TLS_RECORDS : GSS_PACKETS;
            return server.request(first, ONE_BYTE).flatMap(answer -> {
                boolean yes = answer.get(0) == 'S' || answer.get(0) == 'G';
                if (yes) {
                    server.switchTo(encrypted);
                    client.switchReadingTo(encrypted);
                }
                client.switchWritingTo(ONE_BYTE);
                return client.send(Mono.just(answer)).then(Mono.defer(() -> {
                    client.switchWritingTo(yes ? encrypted : FrameCodec.of(Protocols.postgres()));
                    return yes ? Mono.empty() : startPostgres(client, server);
                }));
            });
        });
    }
}
