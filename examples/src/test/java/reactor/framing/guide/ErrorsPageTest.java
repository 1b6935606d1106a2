package reactor.framing.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static reactor.framing.guide.Local.SOON;
import static reactor.framing.guide.Local.client;
import static reactor.framing.guide.Local.serve;
import static reactor.framing.guide.Local.utf8;

import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.framing.FrameCodec;
import reactor.framing.Framing;
import reactor.framing.format.Check;
import reactor.framing.format.Checked;
import reactor.framing.format.Cobs;
import reactor.framing.format.Delimiter;
import reactor.framing.format.HeaderLength;
import reactor.framing.format.Json;
import reactor.framing.format.LengthField;
import reactor.framing.format.LengthField.Counts;
import reactor.framing.format.StartEnd;
import reactor.framing.netty.FramedConnection;
import reactor.framing.netty.Requests;
import reactor.netty.DisposableServer;
import reactor.test.publisher.TestPublisher;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Every message that docs/errors.md explains is one that can come. */
class ErrorsPageTest {

    private static final FrameCodec FOUR = FrameCodec.of(LengthField.ofSize(4));

    private final List<String> messages = new ArrayList<>();

    private DisposableServer server;

    @BeforeEach
    void start() {
        server = serve(FOUR, connection -> connection.receive().then());
    }

    @AfterEach
    void stop() {
        server.disposeNow();
    }

    @Test
    void everyMessageOfThePage_isOneThatComes() throws Exception {
        whileReading();
        whileWriting();
        onAConnection();

        List<String> unknown = Pages.rows(Pages.page("docs/errors.md")).stream()
                .filter(row -> row.get(0).matches("`[^`]*`") && row.size() == 3)
                .map(row -> row.get(0).substring(1, row.get(0).length() - 1))
                .filter(message -> messages.stream().noneMatch(pattern(message).asMatchPredicate()))
                .toList();
        assertThat(unknown).as("not among %s", messages).isEmpty();
    }

    private static Pattern pattern(String message) {
        return Pattern.compile(
                Pattern.quote(message).replace("...", "\\E.*\\Q") + (message.endsWith("...") ? "" : "( at offset .*)?"),
                Pattern.DOTALL);
    }

    private void whileReading() {
        read(FOUR, Flux.just(utf8("GET / HTTP/1.1\r\n")));
        read(LengthField.ofSize(4), "01 00 00 00");
        read(LengthField.ofSize(4), "7f 00 00 00");
        read(FrameCodec.of(Delimiter.of("\n")).maxFrameLength(3), Flux.just(utf8("hello")));
        read(LengthField.ofSize(2).marker((byte) 0x72), "73 00 01 61");
        read(LengthField.ofSize(1).endMark((byte) 3), "01 61 62");
        read(StartEnd.of((byte) 2, (byte) 3), "02 61 03 0a");
        read(Json.objects(), "31 32");
        read(LengthField.ofSize(4).counts(Counts.WHOLE_FRAME), "00 00 00 03");
        read(LengthField.ofSize(1).checkHeader(header -> false), "01 61");
        read(Checked.of(LengthField.ofSize(2).adjustment(4), Check.crc32()), "00 02 68 69 00 00 00 00");
        read(HeaderLength.ofSize(1, header -> header.getInt(0)), "01 02");
        read(HeaderLength.ofSize(1, header -> header.get(0)), "ff 02");
        read(LengthField.ofSize(4), "00 00 00 02 68");
        read(LengthField.ofSize(1), "05 61 62");
        read(LengthField.ofSize(4), "00 00");
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        TestPublisher<ByteBuffer> socket = TestPublisher.create();
        FrameCodec.of(Delimiter.of("\n"))
                .frameTimeout(Duration.ofSeconds(5), time)
                .decode(socket.flux())
                .subscribe(frame -> {}, this::add);
        socket.next(utf8("hel"));
        time.advanceTimeBy(Duration.ofSeconds(5));
        TestPublisher<ByteBuffer> pushing = TestPublisher.createNoncompliant(TestPublisher.Violation.REQUEST_OVERFLOW);
        FOUR.decode(pushing.flux()).subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                request(1);
            }

            @Override
            protected void hookOnError(Throwable error) {
                add(error);
            }
        });
        pushing.next(utf8("\0\0\0\0\0")).next(utf8("\0")).next(utf8("\0"));
    }

    private void read(Framing framing, String wire) {
        read(
                FrameCodec.of(framing),
                Flux.just(ByteBuffer.wrap(HexFormat.ofDelimiter(" ").parseHex(wire))));
    }

    private void read(FrameCodec codec, Flux<ByteBuffer> chunks) {
        failure(codec.decode(chunks).then());
    }

    private void whileWriting() {
        write(FrameCodec.of(LengthField.ofSize(1).before(1)), "hi");
        write(FrameCodec.of(LengthField.ofSize(1).strip(2)), "hi");
        write(FrameCodec.of(LengthField.ofSize(1)).maxFrameLength(3), "hello");
        write(FrameCodec.of(LengthField.ofSize(1)), "x".repeat(256));
        write(FrameCodec.of(Delimiter.of("\n")), "a\nb");
        write(FrameCodec.of(Delimiter.lines()), "x\r");
        write(FrameCodec.of(Json.objects()), "12");
    }

    private void write(FrameCodec codec, String frame) {
        failure(codec.encode(Mono.just(utf8(frame))).then());
    }

    private void onAConnection() throws IOException {
        talk(FOUR, connection -> {
            connection.receive().subscribe(frame -> {}, error -> {});
            return connection.next().then();
        });
        talk(FOUR, connection -> {
            Requests requests = connection.requests(frame -> frame.get(0));
            requests.request(utf8("a")).subscribe(frame -> {}, error -> {});
            return requests.request(utf8("a")).then();
        });
        talk(FOUR, connection -> connection.shutdownOutput().then(connection.send(Mono.just(utf8("hi")))));
        talk(
                FOUR,
                connection ->
                        connection.shutdownOutput().then(connection.next()).then(Mono.empty()));
        talk(FOUR, connection -> {
            Mono<ByteBuffer> answer = connection.request(utf8("hi"));
            return answer.doOnSubscribe(s -> connection.connection().dispose()).then();
        });
        talk(
                FOUR,
                connection ->
                        connection.idleTimeout(Duration.ofMillis(100)).next().then());
        talk(FrameCodec.of(Cobs.create()), connection -> connection.sendParts(2, Mono.just(utf8("hi"))));
        talk(FOUR, connection -> connection.sendParts(5, Mono.just(utf8("hi"))));

        DisposableServer closing = serve(FOUR, connection -> connection.next().then());
        failure(FramedConnection.connect(client(closing), FOUR, connection -> connection.request(utf8("hi"))));
        closing.disposeNow();

        Sinks.Empty<Void> served = Sinks.empty();
        DisposableServer startTls = serve(
                FrameCodec.of(Delimiter.lines()),
                connection -> connection
                        .next()
                        .then(connection.startTls(Local.serverTls()))
                        .doOnError(served::tryEmitError));
        try (Socket socket = Local.socket(startTls)) {
            socket.getOutputStream().write("STARTTLS\nRCPT TO:<victim@example.org>\n".getBytes(StandardCharsets.UTF_8));
            failure(served.asMono());
        }
        startTls.disposeNow();
    }

    private void talk(FrameCodec codec, Function<FramedConnection, Mono<Void>> conversation) {
        failure(FramedConnection.connect(client(server), codec, conversation));
    }

    private void failure(Mono<?> failing) {
        failing.doOnError(this::add).onErrorComplete().block(SOON);
    }

    private void add(Throwable error) {
        messages.add(String.valueOf(error.getMessage()));
    }
}
