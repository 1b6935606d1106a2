package reactor.framing.examples;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Mono;
import reactor.framing.netty.FramedConnection;
import reactor.netty.Connection;
import reactor.netty.tcp.TcpClient;

/** Sends lines to {@link EchoServer}, a frame for each, and prints the answers. */
public final class EchoClient {

    private static final String USAGE = """
            usage: EchoClient [--host 127.0.0.1] [--port 7000] [--framing length4|tlv] [--message TEXT]...
              --host     the loopback address of the server
              --port     its port
              --framing  length4: a 4-byte length, then the payload; tlv: 0x72, a 2-byte length, the value
              --message  what to send; without it, the lines of the standard input""";

    private EchoClient() {}

    /**
     * Runs the client.
     *
     * @param args see the usage
     * @throws IOException if the standard input cannot be read
     */
    public static void main(String[] args) throws IOException {
        Options options = Options.parse(USAGE, List.of("--host", "--port", "--framing", "--message"), Options::codec, args);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Connection connection =
                TcpClient.create().host(options.host()).port(options.port()).connectNow();
        FramedConnection framed = FramedConnection.of(connection, options.codec());
        try {
            List<String> messages = options.all("--message");
            if (messages.isEmpty()) {
                BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    out.println(ask(framed, line));
                }
            } else {
                messages.forEach(message -> out.println(ask(framed, message)));
            }
        } finally {
            connection.disposeNow();
        }
    }

    private static String ask(FramedConnection framed, String question) {
        ByteBuffer answer = framed.send(Mono.just(StandardCharsets.UTF_8.encode(question)))
                .then(framed.receive().next())
                .block(Duration.ofSeconds(30));
        if (answer == null) {
            throw new IllegalStateException("the server closed the connection without an answer");
        }
        return StandardCharsets.UTF_8.decode(answer).toString();
    }
}
