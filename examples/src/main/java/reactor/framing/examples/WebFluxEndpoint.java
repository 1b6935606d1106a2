package reactor.framing.examples;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.framing.FrameCodec;
import reactor.framing.format.LengthField;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/**
 * A Spring WebFlux endpoint that takes frames in the body of a request, and answers each at once with a frame in the
 * body of the response: both bodies are streams of any length.
 */
public final class WebFluxEndpoint {

    private static final String USAGE = """
            usage: WebFluxEndpoint [--host 127.0.0.1] [--port 7000]
            Takes frames with a 4-byte length at POST /frames, and answers each with its text in upper case:
            printf '\\0\\0\\0\\2hi' | curl -s --data-binary @- -H 'Content-Type: application/octet-stream' ... | xxd
              --host  the loopback address to listen on
              --port  the port, 0 for a free one""";

    /** The chunks are our own, so that frames can be slices of them. */
    private static final FrameCodec CODEC =
            FrameCodec.of(LengthField.ofSize(4)).maxFrameLength(1 << 20).zeroCopy();

    private WebFluxEndpoint() {}

    /**
     * Runs the server.
     *
     * @param args see the usage
     */
    public static void main(String[] args) {
        Options options = Options.parse(USAGE, args);
        RouterFunction<ServerResponse> routes =
                RouterFunctions.route().POST("/frames", WebFluxEndpoint::frames).build();
        DisposableServer server = HttpServer.create()
                .host(options.host())
                .port(options.port())
                .handle(new ReactorHttpHandlerAdapter(RouterFunctions.toHttpHandler(routes)))
                .bindNow();
        System.out.printf("listening on %s:%d, HTTP%n", server.host(), server.port());
        server.onDispose().block();
    }

    private static Mono<ServerResponse> frames(ServerRequest request) {
        Flux<ByteBuffer> answers = chunks(request.bodyToFlux(DataBuffer.class))
                .transform(CODEC::decode)
                .map(WebFluxEndpoint::upperCase)
                .transform(CODEC::encode);
        return ServerResponse.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                // each frame is flushed: body(answers, ...) would keep small ones back until there are many
                .body((response, context) -> response.writeAndFlushWith(
                        answers.map(bytes -> Mono.just(response.bufferFactory().wrap(bytes)))));
    }

    /**
     * Copies each buffer, once, and releases it; those that nobody gets any more are released, too. Without the copy
     * the frames would be views of memory that is used again.
     */
    static Flux<ByteBuffer> chunks(Flux<DataBuffer> buffers) {
        return buffers.map(buffer -> {
                    try {
                        ByteBuffer chunk = ByteBuffer.allocate(buffer.readableByteCount());
                        buffer.toByteBuffer(chunk);
                        return chunk;
                    } finally {
                        DataBufferUtils.release(buffer);
                    }
                })
                .doOnDiscard(DataBuffer.class, DataBufferUtils::release);
    }

    private static ByteBuffer upperCase(ByteBuffer frame) {
        String text = StandardCharsets.UTF_8.decode(frame).toString();
        return StandardCharsets.UTF_8.encode(text.toUpperCase(Locale.ROOT));
    }
}
