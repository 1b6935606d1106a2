package reactor.framing.examples;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.framing.FrameCodec;
import reactor.framing.netty.FramedConnection;
import reactor.netty.tcp.TcpClient;

/** Sends lines to {@link EchoServer}, a frame for each, and prints the answers. */
public final class EchoClient {

    private static final String USAGE = """
            usage: EchoClient [--host 127.0.0.1] [--port 7000] [--framing length4|tlv] [--message TEXT]...
            Sends lines to EchoServer, a frame for each, and prints the answers.
              --host     the loopback address of the server
              --port     its port
              --framing  length4: a 4-byte length, then the payload; tlv: 0x72, a 2-byte length, the value
              --message  what to send; without it, the lines of the standard input""";

    private EchoClient() {}

    /**
     * Runs the client.
     *
     * @param args see the usage
     */
    public static void main(String[] args) {
        Options options = Options.parse(USAGE, args);
        FrameCodec codec = options.codec();
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        TcpClient client = TcpClient.create().host(options.host()).port(options.port());
        Flux<String> messages = options.has("--message") ? Flux.fromIterable(options.all("--message")) : lines();
        FramedConnection.connect(
                        client,
                        codec,
                        connection -> messages.concatMap(message -> ask(connection, message))
                                .doOnNext(out::println)
                                .then())
                .block();
    }

    private static Mono<String> ask(FramedConnection connection, String question) {
        return connection
                .request(StandardCharsets.UTF_8.encode(question))
                .timeout(Duration.ofSeconds(30))
                .map(answer -> StandardCharsets.UTF_8.decode(answer).toString());
    }

    /** The lines of the standard input; reading them blocks. */
    private static Flux<String> lines() {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        return Flux.fromStream(input::lines).subscribeOn(Schedulers.boundedElastic());
    }
}
