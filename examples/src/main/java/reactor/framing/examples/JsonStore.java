package reactor.framing.examples;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import reactor.framing.FrameCodec;
import reactor.framing.format.LengthField;
import reactor.framing.netty.FramedConnection;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

/**
 * Keeps values by their keys; {@link JsonProxy} stands in front of it. Questions and answers are JSON behind a 4-byte
 * length.
 *
 * <pre>
 * {"op":"set","key":"colour","value":"red"}    {"value":"red"}
 * {"op":"get","key":"colour"}                  {"value":"red"}
 * {"op":"get","key":"smell"}                   {"value":null}
 * </pre>
 */
public final class JsonStore {

    private static final String USAGE = """
            usage: JsonStore [--host 127.0.0.1] [--port 7000]
            Keeps values by their keys, for JsonProxy.
              --host  the loopback address to listen on
              --port  the port, 0 for a free one""";

    static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(4)).maxFrameLength(64 * 1024);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, String> values = new ConcurrentHashMap<>();

    private JsonStore() {}

    record Question(String op, String key, String value) {}

    record Answer(String value) {}

    /**
     * Runs the server.
     *
     * @param args see the usage
     */
    public static void main(String[] args) {
        Options options = Options.parse(USAGE, args);
        JsonStore store = new JsonStore();
        DisposableServer server = TcpServer.create()
                .host(options.host())
                .port(options.port())
                .handle(FramedConnection.handler(
                        CODEC,
                        connection -> connection.send(connection
                                .receive(question -> read(question, Question.class))
                                .map(store::answer)
                                .map(JsonStore::write))))
                .bindNow();
        System.out.printf("listening on %s:%d, JSON%n", server.host(), server.port());
        server.onDispose().block();
    }

    private Answer answer(Question question) {
        if (question.op().equals("set")) {
            values.put(question.key(), question.value());
        }
        return new Answer(values.get(question.key()));
    }

    static <T> T read(ByteBuffer frame, Class<T> type) {
        try {
            byte[] bytes = new byte[frame.remaining()];
            frame.get(bytes);
            return JSON.readValue(bytes, type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ByteBuffer write(Object message) {
        try {
            return ByteBuffer.wrap(JSON.writeValueAsBytes(message));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
