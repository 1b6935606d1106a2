package reactor.framing.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.format.Protocols;
import reactor.framing.netty.FramedConnection;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

/**
 * A language server that finds every TODO in a text, for any editor that speaks the Language Server Protocol: over the
 * standard input and output, or over TCP.
 */
public final class LanguageServer {

    private static final String USAGE = """
            usage: LanguageServer [--host 127.0.0.1] [--port 7000]
            A language server that finds every TODO. It talks over the standard input and output.
              --port  listen on this port instead, 0 for a free one
              --host  the loopback address to listen on""";

    private static final FrameCodec CODEC = FrameCodec.of(Protocols.lsp());

    private static final String TODO = "TODO";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Whether the editor has said that it will leave. */
    private boolean shutDown;

    private LanguageServer() {}

    /**
     * Runs the server.
     *
     * @param args see the usage
     */
    public static void main(String[] args) {
        Options options = Options.parse(USAGE, args);
        if (options.has("--port")) {
            listen(options);
        } else {
            talk(System.in, System.out);
        }
    }

    private static void listen(Options options) {
        DisposableServer server = TcpServer.create()
                .host(options.host())
                .port(options.port())
                .handle(FramedConnection.handler(CODEC, editor -> {
                    LanguageServer session = new LanguageServer();
                    return editor.send(session.answers(editor.receive()));
                }))
                .bindNow();
        System.out.printf("listening on %s:%d, LSP%n", server.host(), server.port());
        server.onDispose().block();
    }

    /** Without a connection the operators are all that is needed: bytes in, bytes out. */
    private static void talk(InputStream in, OutputStream out) {
        LanguageServer session = new LanguageServer();
        chunks(in)
                .transform(CODEC::decode)
                .transform(session::answers)
                .transform(CODEC::encode)
                .doOnNext(bytes -> write(bytes, out))
                .blockLast();
        System.exit(session.shutDown ? 0 : 1);
    }

    private static Flux<ByteBuffer> chunks(InputStream in) {
        // one array for all: decode is done with a chunk when it asks for the next one
        byte[] buffer = new byte[8192];
        return Flux.generate(chunks -> {
            try {
                int n = in.read(buffer);
                if (n < 0) {
                    chunks.complete();
                } else {
                    chunks.next(ByteBuffer.wrap(buffer, 0, n));
                }
            } catch (IOException e) {
                chunks.error(e);
            }
        });
    }

    private static void write(ByteBuffer bytes, OutputStream out) {
        try {
            out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Flux<ByteBuffer> answers(Flux<ByteBuffer> messages) {
        return messages.map(LanguageServer::parse)
                .takeUntil(message -> message.path("method").asText().equals("exit"))
                .mapNotNull(this::answer)
                .map(LanguageServer::serialize);
    }

    /** The answer to a question, what is to be said to a notification, or null. */
    private ObjectNode answer(JsonNode message) {
        JsonNode parameters = message.path("params");
        JsonNode document = parameters.path("textDocument");
        return switch (message.path("method").asText()) {
            case "initialize" -> {
                ObjectNode result = JSON.createObjectNode();
                // the editor sends the whole text with each change
                result.putObject("capabilities").put("textDocumentSync", 1);
                result.putObject("serverInfo").put("name", "TODO finder");
                yield result(message, result);
            }
            case "textDocument/didOpen" -> diagnostics(document, document.path("text"));
            case "textDocument/didChange" ->
                diagnostics(document, parameters.path("contentChanges").path(0).path("text"));
            case "shutdown" -> {
                shutDown = true;
                yield result(message, NullNode.getInstance());
            }
            default -> message.has("id") ? unknown(message) : null;
        };
    }

    private static ObjectNode result(JsonNode question, JsonNode result) {
        ObjectNode answer = message();
        answer.set("id", question.get("id"));
        answer.set("result", result);
        return answer;
    }

    private static ObjectNode unknown(JsonNode question) {
        ObjectNode answer = message();
        answer.set("id", question.get("id"));
        answer.putObject("error").put("code", -32601).put("message", "method not found");
        return answer;
    }

    private static ObjectNode diagnostics(JsonNode document, JsonNode text) {
        ObjectNode notification = message().put("method", "textDocument/publishDiagnostics");
        ObjectNode parameters = notification.putObject("params");
        parameters.set("uri", document.get("uri"));
        ArrayNode diagnostics = parameters.putArray("diagnostics");
        List<String> lines = text.asText().lines().toList();
        for (int line = 0; line < lines.size(); line++) {
            for (int at = lines.get(line).indexOf(TODO);
                    at >= 0;
                    at = lines.get(line).indexOf(TODO, at + 1)) {
                ObjectNode diagnostic =
                        diagnostics.addObject().put("severity", 2).put("message", "left to be done");
                ObjectNode range = diagnostic.putObject("range");
                range.putObject("start").put("line", line).put("character", at);
                range.putObject("end").put("line", line).put("character", at + TODO.length());
            }
        }
        return notification;
    }

    private static ObjectNode message() {
        return JSON.createObjectNode().put("jsonrpc", "2.0");
    }

    private static JsonNode parse(ByteBuffer frame) {
        try {
            return JSON.readTree(frame.array(), frame.arrayOffset() + frame.position(), frame.remaining());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ByteBuffer serialize(JsonNode message) {
        try {
            return ByteBuffer.wrap(JSON.writeValueAsBytes(message));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
