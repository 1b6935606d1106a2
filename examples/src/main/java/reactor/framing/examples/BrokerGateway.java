package reactor.framing.examples;

import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamOptions;
import io.nats.client.Nats;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.framing.FrameCodec;
import reactor.framing.format.LengthField;
import reactor.framing.netty.FramedConnection;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

/**
 * Takes frames from TCP into a stream of NATS JetStream, and tells the sender which of them are stored.
 *
 * <pre>
 * sender   length (4), message
 * gateway  length 00 00 00 08, the message's number in the stream (8)
 * </pre>
 */
public final class BrokerGateway {

    private static final String USAGE = """
            usage: BrokerGateway [--host 127.0.0.1] [--port 7000] [--broker nats://127.0.0.1:4222] [--stream FRAMES]
            Takes frames from TCP into a stream of NATS JetStream: nats-server -js -a 127.0.0.1
              --host    the loopback address to listen on
              --port    the port, 0 for a free one
              --broker  where nats-server is
              --stream  the stream, which is created if it is not there; its subject is the same""";

    private static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(4)).maxFrameLength(1 << 20);

    /** How many messages of a connection the broker may have before it has confirmed the first of them. */
    private static final int UNCONFIRMED = 64;

    /** How long a confirmation may take. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private BrokerGateway() {}

    /**
     * Runs the gateway.
     *
     * @param args see the usage
     * @throws Exception if the broker cannot be reached
     */
    public static void main(String[] args) throws Exception {
        Options options = Options.parse(USAGE, args);
        String stream = options.text("--stream", "FRAMES");
        Connection broker = Nats.connect(options.text("--broker", "nats://127.0.0.1:4222"));
        try {
            createStream(broker, stream);
            JetStream publisher = broker.jetStream(
                    JetStreamOptions.builder().requestTimeout(PATIENCE).build());
            DisposableServer server = TcpServer.create()
                    .host(options.host())
                    .port(options.port())
                    .handle(FramedConnection.handler(CODEC, sender -> store(sender, publisher, stream)))
                    .bindNow();
            System.out.printf("listening on %s:%d, messages%n", server.host(), server.port());
            server.onDispose().block();
        } finally {
            broker.close();
        }
    }

    /**
     * A frame is read from the socket when one of the messages before it has been confirmed: a broker that is slow or
     * away makes the sender wait, and nothing piles up between them. When the broker refuses a message, the connection
     * is closed, and the sender knows by the numbers that it got what to send again.
     */
    private static Mono<Void> store(FramedConnection sender, JetStream publisher, String subject) {
        return sender.send(sender.receive()
                .map(ByteBuffer::array)
                .flatMapSequential(
                        message -> Mono.fromFuture(() -> publisher.publishAsync(subject, message)), UNCONFIRMED)
                .map(confirmed -> ByteBuffer.allocate(8).putLong(0, confirmed.getSeqno())));
    }

    private static void createStream(Connection broker, String name) throws IOException, JetStreamApiException {
        broker.jetStreamManagement()
                .addStream(StreamConfiguration.builder()
                        .name(name)
                        .subjects(name)
                        // a full stream refuses what is new, and forgets nothing
                        .discardPolicy(DiscardPolicy.New)
                        .build());
    }
}
