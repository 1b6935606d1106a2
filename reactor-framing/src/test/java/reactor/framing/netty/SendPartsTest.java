package reactor.framing.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameCodec;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;
import reactor.framing.TestBytes;
import reactor.framing.format.Check;
import reactor.framing.format.Checked;
import reactor.framing.format.Cobs;
import reactor.framing.format.ContentLength;
import reactor.framing.format.Delimiter;
import reactor.framing.format.FixedLength;
import reactor.framing.format.HeaderLength;
import reactor.framing.format.Json;
import reactor.framing.format.LengthField;
import reactor.framing.format.LengthField.Counts;
import reactor.framing.format.Protocols;
import reactor.framing.format.SkipBetween;
import reactor.framing.format.Slip;
import reactor.framing.format.StartEnd;
import reactor.framing.format.TextLength;
import reactor.framing.format.Varint;
import reactor.netty.DisposableServer;

/** Frames that are sent in pieces, and long ones around which a format writes. */
@Timeout(600)
class SendPartsTest extends ConnectionTester {

    private static final int LENGTH = 150_000;
    private static final LengthField WHOLE =
            LengthField.ofSize(4).counts(Counts.WHOLE_FRAME).keepHeader();

    private static byte[] letters(int length, int seed) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ('a' + (i * 31 + seed) % 26);
        }
        return bytes;
    }

    /** A frame with bytes in front. */
    private static byte[] headed(byte[] header, int length, int seed) {
        byte[] frame = letters(length, seed);
        System.arraycopy(header, 0, frame, 0, header.length);
        return frame;
    }

    private static Arguments format(Framing framing) {
        return arguments(framing, (IntFunction<byte[]>) seed -> letters(LENGTH, seed));
    }

    private static Arguments format(Framing framing, byte[] header) {
        return arguments(framing, (IntFunction<byte[]>) seed -> headed(header, LENGTH, seed));
    }

    static Stream<Arguments> takingPieces() {
        byte[] block = ("Content-Type: text\r\nContent-Length: " + (LENGTH - 46) + "\r\n\r\n").getBytes(US_ASCII);
        assertThat(block).hasSize(46);
        return Stream.of(
                format(LengthField.ofSize(4)),
                format(WHOLE),
                format(LengthField.ofSize(3)
                        .marker((byte) 1, (byte) 2)
                        .after(2)
                        .strip(5)
                        .endMark((byte) 3)),
                format(LengthField.ofSize(4).checkHeader(header -> header.getInt(0) < 1_000_000)),
                format(Varint.leb128()),
                format(Varint.leb128().before(1).keepHeader(), new byte[] {0x30, (byte) 0xEC, (byte) 0x93, 9}),
                format(FixedLength.of(LENGTH)),
                format(FixedLength.of(LENGTH).marker((byte) 'x', (byte) 'y').endMark((byte) '!'), new byte[] {'x', 'y'
                }),
                format(TextLength.netstring()),
                format(TextLength.hex(6).counts(Counts.WHOLE_FRAME).keepHeader()),
                format(TextLength.decimalUntil("\r\n").keepHeader(), ("" + (LENGTH - 8) + "\r\n").getBytes(US_ASCII)),
                format(ContentLength.create()),
                format(ContentLength.create().keepHeader(), block),
                format(
                        HeaderLength.until(";", header -> HeaderLength.decimal(header, 0, header.limit() - 1)),
                        (LENGTH + ";").getBytes(US_ASCII)),
                format(SkipBetween.of(LengthField.ofSize(4).marker((byte) 7), (byte) 0)),
                format(Protocols.kafka()));
    }

    static Stream<Arguments> notTakingPieces() {
        byte[] end = {3};
        return Stream.of(
                format(Delimiter.lines()),
                format(Delimiter.universalLines()),
                format(StartEnd.of((byte) 1, (byte) 2)),
                format(StartEnd.of((byte) 1, (byte) 2).escape((byte) 5)),
                format(Slip.rfc1055()),
                format(Cobs.create()),
                format(FixedLength.of(LENGTH + 5).padding((byte) 0)),
                format(Checked.of(LengthField.ofSize(4), Check.crc32())),
                arguments(Json.objects(), (IntFunction<byte[]>) seed -> {
                    byte[] frame = headed("{\"".getBytes(US_ASCII), LENGTH, seed);
                    System.arraycopy("\":1}".getBytes(US_ASCII), 0, frame, LENGTH - 4, 4);
                    return frame;
                }),
                arguments(LengthField.ofSize(4).endMark(end).keepEndMark(), (IntFunction<byte[]>) seed -> {
                    byte[] frame = letters(LENGTH, seed);
                    frame[LENGTH - 1] = 3;
                    return frame;
                }));
    }

    static Stream<Arguments> all() {
        return Stream.concat(takingPieces(), notTakingPieces());
    }

    private static FrameCodec codec(Framing framing) {
        return FrameCodec.of(framing).maxFrameLength(128 << 20);
    }

    /** Frames as {@link FrameCodec#encode} writes them. */
    private static byte[] encoded(Framing framing, byte[]... frames) {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        codec(framing)
                .encode(Flux.just(frames).map(ByteBuffer::wrap))
                .map(TestBytes::bytes)
                .doOnNext(wire::writeBytes)
                .blockLast();
        return wire.toByteArray();
    }

    private static List<ByteBuffer> cut(byte[] frame, Random random, int singleBytes) {
        List<ByteBuffer> parts = new ArrayList<>();
        for (int at = 0; at < frame.length; ) {
            int n = at < singleBytes ? random.nextInt(2) : random.nextInt(random.nextInt(10) == 0 ? 90_000 : 3000);
            n = Math.min(n, frame.length - at);
            ByteBuffer part = ByteBuffer.wrap(frame, at, n);
            parts.add(random.nextBoolean() ? part.asReadOnlyBuffer() : part);
            at += n;
        }
        return parts;
    }

    private DisposableServer serve(
            Framing framing, Function<? super FramedConnection, ? extends Publisher<Void>> conversation) {
        return serve(Transport.EPOLL, codec(framing), LONG_PATIENCE, s -> s, conversation);
    }

    private byte[] received(DisposableServer server) throws Exception {
        return connect(Transport.EPOLL, server).readAll().received(SOON).bytes();
    }

    // ---- what comes of it

    @ParameterizedTest(name = "{0}")
    @MethodSource("takingPieces")
    void partsOfAnySize_areTheSameBytesAsTheWholeFrame(Framing framing, IntFunction<byte[]> frame) throws Exception {
        for (int singleBytes : new int[] {0, 70}) {
            Random random = new Random(singleBytes);
            List<ByteBuffer> parts = cut(frame.apply(1), random, singleBytes);
            DisposableServer server = serve(
                    framing,
                    connection -> connection
                            .send(Mono.just(ByteBuffer.wrap(frame.apply(0))))
                            .then(connection.sendParts(LENGTH, Flux.fromIterable(parts)))
                            .then(connection.sendParts(
                                    LENGTH, Flux.fromIterable(parts).hide().filter(ByteBuffer::hasRemaining)))
                            .then(connection.send(Mono.just(ByteBuffer.wrap(frame.apply(2))))));

            assertThat(received(server))
                    .isEqualTo(encoded(framing, frame.apply(0), frame.apply(1), frame.apply(1), frame.apply(2)));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("notTakingPieces")
    void formatThatHasToSeeTheWholeFrame_isToldAndTheConnectionGoesOn(Framing framing, IntFunction<byte[]> frame)
            throws Exception {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        DisposableServer server = serve(
                framing,
                connection -> connection
                        .sendParts(LENGTH, Flux.just(ByteBuffer.wrap(frame.apply(0))))
                        .doOnError(failure::set)
                        .onErrorComplete()
                        .then(connection.send(Mono.just(ByteBuffer.wrap(frame.apply(1))))));

        assertThat(received(server)).isEqualTo(encoded(framing, frame.apply(1)));
        assertThat(failure.get())
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("This framing has to see a whole frame before it can write it");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void longFramesInCountedBuffers_areTheSameBytes(Framing framing, IntFunction<byte[]> frame) throws Exception {
        DisposableServer server = serve(
                framing,
                connection -> connection
                        .sendBuffers(Flux.range(0, 3).map(i -> {
                            byte[] bytes = frame.apply(i);
                            ByteBuf buffer = allocator.buffer(bytes.length + 7);
                            return buffer.writeZero(7).writeBytes(bytes).skipBytes(7);
                        }))
                        .then(connection.send(Mono.just(ByteBuffer.wrap(frame.apply(3))))));

        assertThat(received(server))
                .isEqualTo(encoded(framing, frame.apply(0), frame.apply(1), frame.apply(2), frame.apply(3)));
    }

    @Test
    void emptyFrames_areSent() throws Exception {
        DisposableServer server = serve(
                TextLength.netstring(),
                connection -> connection
                        .sendParts(0, Flux.empty())
                        .then(connection.sendParts(0, Flux.just(ByteBuffer.allocate(0), ByteBuffer.allocate(0))))
                        .then(connection.sendParts(1, Flux.just(ByteBuffer.allocate(0), frame("x")))));

        assertThat(new String(received(server), US_ASCII)).isEqualTo("0:,0:,1:x,");
    }

    @Test
    void otherSends_waitForTheLastPart() throws Exception {
        Sinks.Many<ByteBuffer> parts = Sinks.many().unicast().onBackpressureBuffer();
        parts.tryEmitNext(frame("ab"));
        CountDownLatch started = new CountDownLatch(1);
        DisposableServer server = serve(
                LengthField.ofSize(4),
                connection -> Mono.when(
                        connection.sendParts(6, parts.asFlux()),
                        connection.send(Flux.just("x", "y").map(ConnectionTester::frame)),
                        Mono.fromRunnable(started::countDown)));
        Peer peer = connect(Transport.EPOLL, server);
        assertThat(peer.readNBytes(6)).isEqualTo(TestBytes.hex("00 00 00 06 61 62"));
        await(started);

        parts.tryEmitNext(frame("cd"));
        assertThat(peer.readNBytes(2)).isEqualTo("cd".getBytes(US_ASCII));
        parts.tryEmitNext(frame("ef"));
        parts.tryEmitComplete();

        assertThat(peer.readAll().received(SOON).bytes())
                .isEqualTo(TestBytes.hex("65 66 00 00 00 01 78 00 00 00 01 79"));
    }

    // ---- what is refused before a byte is written

    static Stream<Arguments> refused() {
        return Stream.of(
                arguments(LengthField.ofSize(1), 256L, "x", FrameTooLongException.class),
                arguments(LengthField.ofSize(4), (128L << 20) + 1, "x", FrameTooLongException.class),
                arguments(WHOLE, 3L, "x", CorruptFrameException.class),
                arguments(LengthField.ofSize(1).marker((byte) 7).keepHeader(), 9L, "xy", CorruptFrameException.class),
                arguments(LengthField.ofSize(1).checkHeader(h -> h.get(0) != 9), 9L, "x", CorruptFrameException.class),
                arguments(Varint.leb128().maxBytes(1), 128L, "x", FrameTooLongException.class),
                arguments(Varint.leb128().keepHeader(), 9L, "\7x", CorruptFrameException.class),
                arguments(FixedLength.of(2), 3L, "x", FrameTooLongException.class),
                arguments(FixedLength.of(4).marker((byte) 7), 4L, "x", CorruptFrameException.class),
                arguments(TextLength.octetCounting(), 0L, "", CorruptFrameException.class),
                arguments(TextLength.decimal(2), 100L, "x", FrameTooLongException.class),
                arguments(TextLength.decimalUntil(":").keepHeader(), 9L, "8:x", CorruptFrameException.class),
                arguments(
                        ContentLength.create().keepHeader(),
                        90L,
                        "Content-Length: 9\r\n\r\nx",
                        CorruptFrameException.class),
                arguments(HeaderLength.ofSize(1, header -> header.get(0)), 9L, "\7x", CorruptFrameException.class),
                arguments(SkipBetween.of(FixedLength.of(3), " "), 3L, " ab", CorruptFrameException.class),
                arguments(SkipBetween.of(TextLength.netstring(), "3"), 3L, "abc", CorruptFrameException.class),
                // parts that are too long, and that end inside the header
                arguments(LengthField.ofSize(4), 3L, "four", IllegalArgumentException.class),
                arguments(WHOLE, 8L, "xyz", IllegalArgumentException.class));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("refused")
    void frameThatIsRefused_isNotBegun(Framing framing, long length, String start, Class<?> expected) throws Exception {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        DisposableServer server = serve(
                Transport.EPOLL,
                codec(framing),
                LONG_PATIENCE,
                s -> s,
                connection -> connection
                        .sendParts(length, Flux.just(start).map(ConnectionTester::frame))
                        .doOnError(failure::set)
                        .onErrorComplete()
                        .then(Mono.fromRunnable(() -> connection.switchTo(LENGTH4)))
                        .then(Mono.defer(() -> connection.send(Mono.just(frame("next"))))));

        assertThat(received(server)).isEqualTo(wire("next"));
        assertThat(failure.get()).isExactlyInstanceOf(expected);
    }

    // ---- what cannot be finished

    static Stream<Arguments> unfinished() {
        return Stream.of(
                arguments("too few", Flux.just("ab", "c"), "ended after 3 bytes"),
                arguments("too many in the last part", Flux.just("ab", "cdefg"), "more than the 6 bytes"),
                arguments("too many behind the last part", Flux.just("ab", "cdef", "g"), "more than the 6 bytes"),
                arguments(
                        "a failure",
                        Flux.just("ab").concatWith(Flux.error(new IllegalStateException("broken"))),
                        "broken"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("unfinished")
    void frameThatCannotBeFinished_closesTheConnection(String what, Flux<String> parts, String message)
            throws Exception {
        for (Framing framing : List.of(LengthField.ofSize(4), TextLength.netstring())) {
            AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
            Sinks.Empty<Void> closed = Sinks.empty();
            DisposableServer server = serve(framing, connection -> {
                connection.connection().onDispose(closed::tryEmitEmpty);
                return connection
                        .sendParts(6, parts.hide().map(ConnectionTester::frame))
                        .doOnError(failure::set)
                        .onErrorComplete()
                        .then(Mono.never());
            });

            byte[] sent = received(server);

            closed.asMono().block(SOON);
            await("the error of " + what, () -> failure.get() != null);
            assertThat(failure.get()).as(what).hasMessageContaining(message);
            assertThat(sent.length).as("bytes of " + framing).isLessThanOrEqualTo(10);
        }
    }

    @Test
    void cancelledInTheMiddle_closesTheConnection() throws Exception {
        Sinks.Many<ByteBuffer> parts = Sinks.many().unicast().onBackpressureBuffer();
        parts.tryEmitNext(frame("ab"));
        AtomicReference<@Nullable Disposable> send = new AtomicReference<>();
        CountDownLatch started = new CountDownLatch(1);
        DisposableServer server = serve(LengthField.ofSize(4), connection -> {
            send.set(connection.sendParts(6, parts.asFlux()).subscribe());
            started.countDown();
            return Mono.never();
        });
        Peer peer = connect(Transport.EPOLL, server);
        assertThat(peer.readNBytes(6)).isEqualTo(TestBytes.hex("00 00 00 06 61 62"));
        await(started);

        send.get().dispose();

        assertThat(peer.readAll().received(SOON).bytes()).isEmpty();
        await("the end of the source", () -> parts.currentSubscriberCount() == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "xyz"})
    void cancelledBeforeTheHeaderIsThere_othersGoOn(String start) throws Exception {
        Sinks.Many<ByteBuffer> parts = Sinks.many().unicast().onBackpressureBuffer();
        parts.tryEmitNext(frame(start));
        DisposableServer server = serve(WHOLE, connection -> {
            Disposable send = connection.sendParts(8, parts.asFlux()).subscribe();
            return Mono.delay(Duration.ofMillis(20))
                    .doOnNext(i -> send.dispose())
                    .then(Mono.defer(() -> connection.send(Mono.just(frame("????next")))));
        });

        assertThat(received(server)).isEqualTo(encoded(WHOLE, "????next".getBytes(US_ASCII)));
    }

    // ---- how much is under way

    @Test
    void frameOf64MiBToAPeerThatReadsSlowly_windowIsKept() throws Exception {
        int partLength = 50_000;
        int count = (64 << 20) / partLength;
        long length = (long) count * partLength;
        AtomicLong pulled = new AtomicLong();
        CRC32 sent = new CRC32();
        AtomicLong peak = new AtomicLong();
        Flux<ByteBuffer> parts = Flux.range(0, count).hide().map(i -> {
            byte[] part = letters(partLength, i);
            sent.update(part);
            pulled.addAndGet(partLength);
            return ByteBuffer.wrap(part);
        });
        DisposableServer server = serve(LengthField.ofSize(8), connection -> connection.sendParts(length, parts));
        Peer peer = connect(Transport.EPOLL, server);
        assertThat(ByteBuffer.wrap(peer.readNBytes(8)).getLong()).isEqualTo(length);

        Flux.interval(Duration.ofMillis(1))
                .take(300)
                .doOnNext(i -> peak.accumulateAndGet(bytesInUse(), Math::max))
                .blockLast(SOON);
        assertThat(pulled.get())
                .as("bytes that the peer's and the own socket hold")
                .isLessThan(32 << 20);
        CRC32 arrived = new CRC32();
        for (long left = length; left > 0; left -= 1 << 16) {
            arrived.update(peer.readNBytes((int) Math.min(left, 1 << 16)));
            peak.accumulateAndGet(bytesInUse(), Math::max);
        }

        assertThat(peak.get()).isLessThan(256 << 10);
        assertThat(pulled.get()).isEqualTo(length);
        assertThat(arrived.getValue()).isEqualTo(sent.getValue());
        assertThat(peer.read(new byte[1])).isEqualTo(-1);
    }
}
