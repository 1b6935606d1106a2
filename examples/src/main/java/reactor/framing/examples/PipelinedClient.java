package reactor.framing.examples;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.framing.netty.FramedConnection;
import reactor.framing.netty.Requests;
import reactor.netty.tcp.TcpClient;

/**
 * Asks {@link LookupServer} many questions by one connection, without waiting for one answer before the next question.
 */
public final class PipelinedClient {

    private static final String USAGE = """
            usage: PipelinedClient [--host 127.0.0.1] [--port 7000] [--answers by-id|in-order] [--in-flight 64]
                                   [--timeout 500] [--questions 20] [--key TEXT]...
            Asks LookupServer many questions by one connection, and prints the answers.
              --host       the loopback address of the server
              --port       its port
              --answers    by-id: matched by their ids; in-order: each belongs to the oldest open question
              --in-flight  how many questions are open at a time
              --timeout    how long to wait for an answer, in ms
              --questions  how many questions to ask
              --key        what to ask instead; one that begins with "slow" comes too late""";

    private PipelinedClient() {}

    /**
     * Runs the client.
     *
     * @param args see the usage
     */
    public static void main(String[] args) {
        Options options = Options.parse(USAGE, args);
        boolean inOrder = options.choice("--answers", "by-id", "in-order").equals("in-order");
        int inFlight = options.number("--in-flight", 64, 1, 256);
        Duration timeout = Duration.ofMillis(options.number("--timeout", 500, 1, 600_000));
        int questions = options.number("--questions", 20, 1, Integer.MAX_VALUE);
        Flux<String> keys = options.has("--key")
                ? Flux.fromIterable(options.all("--key"))
                : Flux.range(1, questions).map(i -> "key " + i);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        TcpClient client = TcpClient.create().host(options.host()).port(options.port());

        Long answers = FramedConnection.connect(
                        client,
                        LookupServer.CODEC,
                        connection -> (inOrder
                                        ? askInOrder(connection, keys, inFlight, timeout)
                                        : askById(connection, keys, inFlight, timeout))
                                .doOnNext(out::println)
                                .count())
                .block();
        out.printf("%d questions asked%n", answers);
    }

    /** Answers come in any order, and so do these. */
    static Flux<String> askById(FramedConnection connection, Flux<String> keys, int inFlight, Duration timeout) {
        Requests requests = connection.requests(message -> message.getInt());
        AtomicInteger id = new AtomicInteger();
        return keys.flatMap(
                key -> requests.request(LookupServer.message(id.incrementAndGet(), key))
                        .timeout(timeout)
                        .map(answer -> key + " = " + LookupServer.text(answer))
                        .onErrorResume(TimeoutException.class, e -> Mono.just(key + ": no answer in time")),
                inFlight);
    }

    /**
     * A protocol without ids: the answer to a question that timed out is dropped when it comes, and shifts no other.
     */
    static Flux<String> askInOrder(FramedConnection connection, Flux<String> keys, int inFlight, Duration timeout) {
        return keys.flatMapSequential(
                key -> connection
                        .request(LookupServer.message(0, key))
                        .timeout(timeout)
                        .map(answer -> key + " = " + LookupServer.text(answer))
                        .onErrorResume(TimeoutException.class, e -> Mono.just(key + ": no answer in time")),
                inFlight);
    }
}
