package reactor.framing.examples;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.ByteBuffer;
import java.util.logging.ConsoleHandler;
import java.util.logging.Level;
import java.util.logging.Logger;
import reactor.core.publisher.Mono;
import reactor.framing.FrameCodec;
import reactor.framing.FrameLog;
import reactor.framing.format.LengthField;
import reactor.framing.micrometer.MicrometerFrameMetrics;
import reactor.framing.netty.FramedConnection;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.tcp.TcpServer;
import reactor.util.Loggers;

/**
 * Sends frames back, and shows what goes on: metrics on a page for Prometheus, frames in a log without card numbers.
 */
public final class ObservedServer {

    private static final String USAGE = """
            usage: ObservedServer [--host 127.0.0.1] [--port 7000] [--page-port 7080] [--log off|on]
            Sends every frame of up to 1 MiB, with a length of 4 bytes, back.
            Metrics are at http://HOST:PAGE-PORT/metrics.
              --host       the loopback address to listen on
              --port       the port, 0 for a free one
              --page-port  the port of the page, 0 for a free one
              --log        on: log the first 64 bytes of every frame, digits of card numbers as *""";

    private static final String FRAMES = "payments.frames";
    private static final Logger LOGGER = Logger.getLogger(FRAMES);

    /** From so many digits in a row on, they may be a card number. */
    private static final int CARD_DIGITS = 12;

    private ObservedServer() {}

    /**
     * Runs the server.
     *
     * @param args see the usage
     */
    public static void main(String[] args) {
        Options options = Options.parse(USAGE, args);
        if (options.choice("--log", "off", "on").equals("on")) {
            logFrames();
        }
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        FrameCodec codec = FrameCodec.of(LengthField.ofSize(4))
                .maxFrameLength(1 << 20)
                .metrics(MicrometerFrameMetrics.of("payments", registry))
                .log(FrameLog.to(FRAMES).mask(ObservedServer::maskCardNumbers));

        DisposableServer page = HttpServer.create()
                .host(options.host())
                .port(options.number("--page-port", 7080, 0, 65_535))
                .route(routes -> routes.get(
                        "/metrics",
                        (request, response) -> response.header("Content-Type", "text/plain; version=0.0.4")
                                .sendString(Mono.fromCallable(registry::scrape))))
                .bindNow();
        DisposableServer server = TcpServer.create()
                .host(options.host())
                .port(options.port())
                .handle(FramedConnection.handler(codec, connection -> connection.send(connection.receive())))
                .bindNow();
        System.out.printf(
                "listening on %s:%d, metrics at http://%s:%d/metrics%n",
                server.host(), server.port(), page.host(), page.port());
        server.onDispose().block();
    }

    /** The frame log is at level debug, which the JDK's own logging calls fine. An application has its own logging. */
    private static void logFrames() {
        Loggers.useJdkLoggers();
        ConsoleHandler console = new ConsoleHandler();
        console.setLevel(Level.FINE);
        LOGGER.addHandler(console);
        LOGGER.setLevel(Level.FINE);
        LOGGER.setUseParentHandlers(false);
    }

    /** Overwrites all of a long row of digits but the last four. The bytes are a copy for the log. */
    static void maskCardNumbers(ByteBuffer bytes) {
        int digits = 0;
        for (int i = bytes.position(); i <= bytes.limit(); i++) {
            if (i < bytes.limit() && bytes.get(i) >= '0' && bytes.get(i) <= '9') {
                digits++;
                continue;
            }
            if (digits >= CARD_DIGITS) {
                for (int at = i - digits; at < i - 4; at++) {
                    bytes.put(at, (byte) '*');
                }
            }
            digits = 0;
        }
    }
}
