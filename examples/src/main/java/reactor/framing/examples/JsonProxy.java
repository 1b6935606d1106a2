package reactor.framing.examples;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import reactor.core.publisher.Mono;
import reactor.framing.FrameCodec;
import reactor.framing.examples.JsonStore.Answer;
import reactor.framing.examples.JsonStore.Question;
import reactor.framing.format.Delimiter;
import reactor.framing.netty.FramedConnection;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;

/**
 * Turns lines of text into JSON behind a length, and the answers back: {@code nc} talks to {@link JsonStore} through it.
 *
 * <pre>
 * client                  proxy                                                    store
 *   "set colour red\n"      00 00 00 29 {"op":"set","key":"colour","value":"red"}
 *   "red\n"                 00 00 00 0f {"value":"red"}
 * </pre>
 */
public final class JsonProxy {

    private static final String USAGE = """
            usage: JsonProxy [--host 127.0.0.1] [--port 7000] [--store-port 7001]
            Takes lines, "set KEY VALUE" and "get KEY", and asks JsonStore in JSON.
              --host        the loopback address to listen on, and of the store
              --port        the port, 0 for a free one
              --store-port  the port of the store""";

    private static final FrameCodec LINES = FrameCodec.of(Delimiter.lines()).maxFrameLength(1000);

    private JsonProxy() {}

    /**
     * Runs the proxy.
     *
     * @param args see the usage
     */
    public static void main(String[] args) {
        Options options = Options.parse(USAGE, args);
        TcpClient store =
                TcpClient.newConnection().host(options.host()).port(options.number("--store-port", 7001, 0, 65_535));
        DisposableServer server = TcpServer.create()
                .host(options.host())
                .port(options.port())
                .handle(FramedConnection.handler(
                        LINES,
                        client -> FramedConnection.connect(store, JsonStore.CODEC, back -> between(client, back))))
                .bindNow();
        System.out.printf("listening on %s:%d, lines%n", server.host(), server.port());
        server.onDispose().block();
    }

    /**
     * Each direction takes a frame when the other side has room for it: a store that is slow makes the proxy stop reading lines,
     * and a client that does not read its answers makes it stop reading from the store. When one direction has ended, so does the
     * same direction on the other side; when one fails, both connections are closed.
     */
    private static Mono<Void> between(FramedConnection client, FramedConnection store) {
        Mono<Void> questions =
                store.send(client.receive().map(JsonProxy::toJson)).then(store.shutdownOutput());
        Mono<Void> answers = client.send(store.receive().map(JsonProxy::toLine)).then(client.shutdownOutput());
        return Mono.when(questions, answers);
    }

    /** A line that cannot be understood asks for nothing, so that every line has its answer. */
    private static ByteBuffer toJson(ByteBuffer line) {
        String[] words = StandardCharsets.UTF_8.decode(line).toString().split(" ", 3);
        return JsonStore.write(new Question(
                words[0].toLowerCase(Locale.ROOT), words.length > 1 ? words[1] : "", words.length > 2 ? words[2] : ""));
    }

    private static ByteBuffer toLine(ByteBuffer json) {
        Answer answer = JsonStore.read(json, Answer.class);
        return StandardCharsets.UTF_8.encode(answer.value() == null ? "?" : answer.value());
    }
}
