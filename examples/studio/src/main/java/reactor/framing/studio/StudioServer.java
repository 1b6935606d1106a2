package reactor.framing.studio;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/**
 * Serves the page, and runs what it asks for. Listens on loopback only, and answers only those who call it by a
 * loopback name: a page of somebody else's that resolves its own name to this machine is refused.
 */
final class StudioServer implements AutoCloseable {

    /** The longest request, in bytes. */
    static final int MAX_BODY = 128 * 1024;

    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "json", "application/json",
            "svg", "image/svg+xml");

    /** What is served as it is: nothing else is looked for. */
    private static final Set<String> FILES = Set.of(
            "index.html",
            "studio.css",
            "icon.svg",
            "lessons.json",
            "main.js",
            "api.js",
            "cuts.js",
            "dom.js",
            "finder.js",
            "link.js",
            "player.js",
            "question.js",
            "settings.js",
            "stage.js");

    /** One run after another, away from the event loop: whoever asks for more waits. */
    private final Scheduler worker = Schedulers.newBoundedElastic(1, 16, "studio", 60, true);

    private final AtomicLong lastRequest = new AtomicLong(System.nanoTime());
    private final DisposableServer server;

    private StudioServer(int port) {
        server = HttpServer.create()
                .host("127.0.0.1")
                .port(port)
                .route(routes -> {
                    routes.get(
                            "/api/catalogue", (request, response) -> answer(request, response, empty -> Formats.all()));
                    routes.get("/api/alive", (request, response) -> answer(request, response, empty -> Map.of()));
                    routes.post(
                            "/api/run",
                            (request, response) ->
                                    answer(request, response, body -> Run.of(Json.read(body, Scenario.class))));
                    routes.post(
                            "/api/find",
                            (request, response) -> answer(
                                    request,
                                    response,
                                    body -> Found.inDump(
                                            Json.read(body, Dump.class).dump())));
                    routes.post(
                            "/api/pressure",
                            (request, response) -> answer(request, response, body -> Pressure.measure(1)));
                    routes.route(request -> true, this::file);
                })
                .idleTimeout(Duration.ofMinutes(2))
                .bindNow();
    }

    /** A hex dump that somebody has pasted. */
    record Dump(String dump) {

        Dump {
            dump = dump == null ? "" : dump;
        }
    }

    /**
     * Starts a server.
     *
     * @param port the port, or 0 for any
     * @return the server
     */
    static StudioServer start(int port) {
        return new StudioServer(port);
    }

    int port() {
        return server.port();
    }

    String address() {
        return "http://127.0.0.1:" + port() + "/";
    }

    /** How long ago the last request came. */
    Duration idle() {
        return Duration.ofNanos(System.nanoTime() - lastRequest.get());
    }

    @Override
    public void close() {
        server.disposeNow();
        worker.dispose();
    }

    private Publisher<Void> answer(
            HttpServerRequest request, HttpServerResponse response, Function<byte[], Object> function) {
        if (!isAllowed(request)) {
            return refuse(
                    response, HttpResponseStatus.FORBIDDEN, "this server is called by a name that is not its own");
        }
        lastRequest.set(System.nanoTime());
        HttpHeaders headers = request.requestHeaders();
        boolean isPost = request.method().name().equals("POST");
        // a form of somebody else's page cannot send this type without asking first
        if (isPost && !"application/json".equals(headers.get(HttpHeaderNames.CONTENT_TYPE))) {
            return refuse(
                    response, HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE, "the content type must be application/json");
        }
        Mono<byte[]> body = request.receive()
                .asByteArray()
                .collect(Body::new, Body::add)
                .map(Body::bytes)
                .publishOn(worker);
        return body.map(bytes -> Json.write(function.apply(bytes)))
                .flatMap(json -> send(response, "json", json))
                .onErrorResume(BadRequest.class, e -> refuse(response, HttpResponseStatus.BAD_REQUEST, e.getMessage()))
                .onErrorResume(
                        Body.TooLong.class,
                        e -> refuse(response, HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE, "the request is too long"));
    }

    private Publisher<Void> file(HttpServerRequest request, HttpServerResponse response) {
        if (!isAllowed(request)) {
            return refuse(
                    response, HttpResponseStatus.FORBIDDEN, "this server is called by a name that is not its own");
        }
        if (!request.method().name().equals("GET")) {
            return refuse(response, HttpResponseStatus.METHOD_NOT_ALLOWED, "there is nothing here but pages to get");
        }
        lastRequest.set(System.nanoTime());
        String name = request.fullPath().equals("/")
                ? "index.html"
                : request.fullPath().substring(1);
        if (!FILES.contains(name)) {
            return refuse(response, HttpResponseStatus.NOT_FOUND, "there is no such page");
        }
        try (InputStream in = StudioServer.class.getResourceAsStream("page/" + name)) {
            if (in == null) {
                return refuse(response, HttpResponseStatus.NOT_FOUND, "there is no such page");
            }
            return send(response, name.substring(name.lastIndexOf('.') + 1), in.readAllBytes());
        } catch (IOException e) {
            return Mono.error(e);
        }
    }

    /** Whether the request was meant for this server, and comes from its own page or from no page at all. */
    private boolean isAllowed(HttpServerRequest request) {
        HttpHeaders headers = request.requestHeaders();
        String host = headers.get(HttpHeaderNames.HOST);
        String origin = headers.get(HttpHeaderNames.ORIGIN);
        return isOwn(host) && (origin == null || origin.startsWith("http://") && isOwn(origin.substring(7)));
    }

    private boolean isOwn(String host) {
        if (host == null) {
            return false;
        }
        int colon = host.lastIndexOf(':');
        return colon > 0
                && LOOPBACK.contains(host.substring(0, colon))
                && host.substring(colon + 1).equals(Integer.toString(server.port()));
    }

    private static Mono<Void> refuse(HttpServerResponse response, HttpResponseStatus status, String reason) {
        response.status(status);
        return send(response, "json", Json.write(Map.of("error", reason)));
    }

    private static Mono<Void> send(HttpServerResponse response, String type, byte[] body) {
        return response.header(HttpHeaderNames.CONTENT_TYPE, TYPES.getOrDefault(type, "text/plain"))
                .header(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length))
                .header("Content-Security-Policy", POLICY)
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer")
                .header("Cross-Origin-Resource-Policy", "same-origin")
                .header(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .sendByteArray(Mono.just(body))
                .then();
    }

    /** The body of a request, as long as it is not too long. */
    private static final class Body {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        static final class TooLong extends RuntimeException {
            private static final long serialVersionUID = 1L;
        }

        void add(byte[] more) {
            if (bytes.size() + more.length > MAX_BODY) {
                throw new TooLong();
            }
            bytes.writeBytes(more);
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }
    }
}
