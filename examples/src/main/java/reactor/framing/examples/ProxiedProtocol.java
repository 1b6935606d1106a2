package reactor.framing.examples;

import static reactor.framing.format.HeaderLength.decimal;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;
import reactor.framing.FrameCodec;
import reactor.framing.Framing;
import reactor.framing.format.FixedLength;
import reactor.framing.format.HeaderLength;
import reactor.framing.format.LengthField;
import reactor.framing.format.Protocols;
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

    /** The name for chunks that are passed on as they come. */
    static final String NONE = "bytes";

    private static final Map<String, ProxiedProtocol> ALL = new TreeMap<>(Map.of(
            "length4", of(LengthField.ofSize(4)),
            "amqp", of(Protocols.amqp()),
            "dns", of(Protocols.dns()),
            "kafka", of(Protocols.kafka()),
            "mqtt", of(Protocols.mqtt()),
            "mysql", of(Protocols.mysql()),
            "postgres", new ProxiedProtocol(Protocols.postgres(), Protocols.postgres(), ProxiedProtocol::startPostgres),
            "resp", of(HeaderLength.until("\r\n", ProxiedProtocol::respLength))));

    /** TLS, as it goes on behind a message in plain text. */
    private static final FrameCodec TLS_RECORDS =
            FrameCodec.of(LengthField.ofSize(2).before(3).keepHeader());

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

    /** No framing, and the names of protocols. */
    static String[] choices() {
        return Stream.concat(Stream.of(NONE), ALL.keySet().stream()).toArray(String[]::new);
    }

    static ProxiedProtocol named(String name) {
        return Objects.requireNonNull(ALL.get(name), name);
    }

    /** What is exchanged before frames go both ways. */
    Mono<Void> opening(FramedConnection client, FramedConnection server) {
        return start.apply(client, server);
    }

    /** A value of Redis's protocol that stands alone, or the line before those that an aggregate has. */
    private static long respLength(ByteBuffer line) {
        boolean bulk = "$!=".indexOf(line.get(0)) >= 0 && line.get(1) != '-';
        return bulk ? line.limit() + decimal(line, 1, line.limit() - 2) + 2 : line.limit();
    }

    /**
     * A client of PostgreSQL may ask for encryption before it says who it is. The answer is one byte and no message; behind a
     * yes, the proxy passes on what it cannot read.
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
