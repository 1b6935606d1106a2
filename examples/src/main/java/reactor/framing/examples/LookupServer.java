package reactor.framing.examples;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.framing.FrameCodec;
import reactor.framing.format.LengthField;
import reactor.framing.netty.FramedConnection;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

/**
 * Answers questions, each after a while: the other side of {@link PipelinedClient} and {@link PooledClient}.
 *
 * <pre>
 * +--------+----+------+     +--------+----+-------+
 * | length | id | key  |     | length | id | value |
 * |   4    | 4  | text |     |   4    | 4  | text  |
 * +--------+----+------+     +--------+----+-------+
 * </pre>
 */
public final class LookupServer {

    private static final String USAGE = """
            usage: LookupServer [--host 127.0.0.1] [--port 7000] [--answers by-id|in-order] [--delay 5]
                                [--slow 2000]
            Answers each question with its key in upper case. For one that begins with "slow" it takes long.
              --host     the loopback address to listen on
              --port     the port, 0 for a free one
              --answers  by-id: as soon as they are there; in-order: in the order of the questions
              --delay    how long an answer takes at most, in ms
              --slow     how long it takes to a key that begins with "slow", in ms""";

    static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(4)).maxFrameLength(1024);

    /** How many questions of a connection are worked on at a time. */
    private static final int AT_A_TIME = 64;

    private LookupServer() {}

    /**
     * Runs the server.
     *
     * @param args see the usage
     */
    public static void main(String[] args) {
        Options options = Options.parse(USAGE, args);
        boolean inOrder = options.choice("--answers", "by-id", "in-order").equals("in-order");
        int slow = options.number("--slow", 2000, 1, 600_000);
        int delay = options.number("--delay", 5, 1, 60_000);
        DisposableServer server = TcpServer.create()
                .host(options.host())
                .port(options.port())
                .handle(FramedConnection.handler(
                        CODEC, connection -> connection.send(answers(connection.receive(), inOrder, delay, slow))))
                .bindNow();
        System.out.printf("listening on %s:%d, questions%n", server.host(), server.port());
        server.onDispose().block();
    }

    private static Flux<ByteBuffer> answers(Flux<ByteBuffer> questions, boolean inOrder, int delay, int slow) {
        return inOrder
                ? questions.flatMapSequential(question -> answer(question, delay, slow), AT_A_TIME)
                : questions.flatMap(question -> answer(question, delay, slow), AT_A_TIME);
    }

    private static Mono<ByteBuffer> answer(ByteBuffer question, int delay, int slow) {
        int id = question.getInt(0);
        String key = text(question);
        int millis = key.startsWith("slow") ? slow : ThreadLocalRandom.current().nextInt(delay);
        return Mono.delay(Duration.ofMillis(millis)).map(done -> message(id, key.toUpperCase(Locale.ROOT)));
    }

    static ByteBuffer message(int id, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(4 + bytes.length).putInt(id).put(bytes).flip();
    }

    /** The text behind the id. */
    static String text(ByteBuffer message) {
        return StandardCharsets.UTF_8
                .decode(message.slice(4, message.remaining() - 4))
                .toString();
    }
}
