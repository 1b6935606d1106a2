package reactor.framing.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameCodec;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.Framing;
import reactor.framing.format.FirstBytes;
import reactor.framing.format.Slip;
import reactor.framing.format.Switching;
import reactor.test.publisher.TestPublisher;
import reactor.test.subscriber.TestSubscriber;

/** One frame that is sent in parts, on a socket that the test holds in its hand. */
@ExtendWith(NoBlocking.class)
class EmbeddedPartsTest {

    private static final int KIB = 1024;

    /**
     * A length of four bytes, the frame, and a mark behind it.
     *
     * @param seen how many of the frame's first bytes the encoder wants to see
     * @param covered how many of these it writes itself
     * @param overhead as the encoder says
     */
    private record Marked(int seen, int covered, int overhead) implements Framing {

        @Override
        public FrameDecoder newDecoder() {
            return reactor.framing.format.LengthField.ofSize(4).newDecoder();
        }

        @Override
        public FrameEncoder newEncoder() {
            return new EnvelopeEncoder() {
                @Override
                public int encodedLength(ByteBuffer frame) {
                    return 4 + frame.remaining() + 1;
                }

                @Override
                public int overhead() {
                    return overhead;
                }

                @Override
                public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
                    if (start.remaining() < Math.min(seen, frameLength)) {
                        return MORE;
                    }
                    target.putInt((int) frameLength);
                    for (int i = 0; i < covered; i++) {
                        target.put(start.get(start.position() + i));
                    }
                    return covered;
                }

                @Override
                public void behind(ByteBuffer target) {
                    target.put((byte) '!');
                }
            };
        }
    }

    private final EmbeddedSocket socket = new EmbeddedSocket();

    @AfterEach
    void everyBufferIsReleased() {
        socket.lose();
        assertThat(socket.bytesInUse()).isZero();
    }

    private FramedConnection connection(Framing framing) {
        Patience patience = new Patience(
                Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofSeconds(1), Duration.ZERO.minusNanos(1));
        return socket.framed(FrameCodec.of(framing).maxFrameLength(1 << 20), patience);
    }

    private static TestSubscriber<Void> subscribed(Mono<Void> send) {
        TestSubscriber<Void> subscriber = TestSubscriber.create();
        send.subscribe(subscriber);
        return subscriber;
    }

    private static byte[] letters(int length) {
        byte[] frame = new byte[length];
        for (int i = 0; i < length; i++) {
            frame[i] = (byte) ('a' + i % 26);
        }
        return frame;
    }

    private static byte[] wire(byte[] frame) {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        wire.writeBytes(ByteBuffer.allocate(4).putInt(frame.length).array());
        wire.writeBytes(frame);
        wire.write('!');
        return wire.toByteArray();
    }

    /** Single bytes and nothing first, then parts of the given length. */
    private static Flux<ByteBuffer> cut(byte[] frame, int single, int length) {
        List<ByteBuffer> parts = new ArrayList<>();
        for (int at = 0; at < frame.length; ) {
            if (at < single) {
                parts.add(ByteBuffer.allocate(0));
            }
            int n = Math.min(at < single ? 1 : length, frame.length - at);
            parts.add(ByteBuffer.wrap(frame, at, n));
            at += n;
        }
        return Flux.fromIterable(parts);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 12, 1000})
    void partsOfAnySize_areTheFrame(int seen) {
        byte[] frame = letters(300 * KIB);
        FramedConnection connection = connection(new Marked(seen, Math.min(seen, 10), 1 + 4 + 10));
        socket.takes(0);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        List<TestSubscriber<Void>> sends = new ArrayList<>();
        for (Flux<ByteBuffer> parts :
                List.of(cut(frame, 0, frame.length), cut(frame, 1200, 5000), cut(frame, 0, 800), cut(frame, 5, 3000))) {
            expected.writeBytes(wire(frame));
            sends.add(subscribed(connection.sendParts(frame.length, parts)));
            expected.writeBytes(wire(frame));
            sends.add(subscribed(connection.sendParts(frame.length, parts.hide())));
        }

        while (socket.waiting() > 0) {
            assertThat(socket.waiting()).isLessThanOrEqualTo(128 * KIB);
            socket.takes(50_000);
        }

        assertThat(sends).allMatch(TestSubscriber::isTerminatedComplete);
        assertThat(socket.taken()).isEqualTo(expected.toByteArray());
    }

    /** By two bytes a framing is chosen that wants to see more. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 300})
    void partsOfAFrameWhoseFirstBytesChooseItsFraming(int single) {
        byte[] frame = letters(300 * KIB);
        Marked marked = new Marked(200, 10, 1 + 4 + 10);
        Framing other = new Marked(0, 0, 8);
        FramedConnection connection = connection(
                FirstBytes.upTo(4, start -> start.limit() < 2 ? null : start.get(0) == 'x' ? other : marked));
        socket.takes(0);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        List<TestSubscriber<Void>> sends = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            expected.writeBytes(wire(frame));
            sends.add(subscribed(connection.sendParts(frame.length, cut(frame, single, 5000))));
        }
        while (socket.waiting() > 0) {
            socket.takes(50_000);
        }
        assertThat(sends).allMatch(TestSubscriber::isTerminatedComplete);
        assertThat(socket.taken()).isEqualTo(expected.toByteArray());
    }

    @Test
    void partsOfAFrameThatSaysHowTheNextIsFramed_areRefused() {
        FramedConnection connection = connection(Switching.of(new Marked(0, 0, 8), frame -> Slip.rfc1055()));
        TestSubscriber<Void> send = subscribed(connection.sendParts(2, cut(letters(2), 2, 1)));
        assertThat(send.expectTerminalError()).isInstanceOf(UnsupportedOperationException.class);
        assertThat(socket.taken()).isEmpty();
        assertThat(socket.isOpen()).isTrue();
    }

    @Test
    void shortFrames_inParts() {
        FramedConnection connection = connection(new Marked(3, 0, 8));
        subscribed(connection.sendParts(0, Flux.empty()));
        subscribed(connection.sendParts(0, Flux.just(ByteBuffer.allocate(0))));
        subscribed(connection.sendParts(2, cut(letters(2), 2, 1)));
        subscribed(connection.sendParts(4, cut(letters(4), 4, 1)));
        socket.turn();

        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        for (int length : new int[] {0, 0, 2, 4}) {
            expected.writeBytes(wire(letters(length)));
        }
        assertThat(socket.taken()).isEqualTo(expected.toByteArray());
    }

    @Test
    void partsThatComeOneByOne_leaveOneByOneAndOthersWait() {
        FramedConnection connection = connection(new Marked(0, 0, 8));
        TestPublisher<ByteBuffer> parts = TestPublisher.create();
        TestSubscriber<Void> send = subscribed(connection.sendParts(4, parts.flux()));
        parts.next(ConnectionTester.frame("ab"));
        TestSubscriber<Void> other = subscribed(connection.send(Mono.just(ConnectionTester.frame("x"))));
        socket.turn();
        assertThat(socket.taken()).hasSize(6);
        parts.next(ConnectionTester.frame("cd"));
        socket.turn();
        assertThat(socket.taken()).as("the frame is whole").hasSizeBetween(8, 15);
        parts.complete();
        socket.turn();

        assertThat(new String(socket.taken(), 4, 5, US_ASCII)).isEqualTo("abcd!");
        assertThat(new String(socket.taken(), 13, 2, US_ASCII)).isEqualTo("x!");
        assertThat(send.isTerminatedComplete()).isTrue();
        assertThat(other.isTerminatedComplete()).isTrue();
    }

    enum How {
        IN_PARTS {
            @Override
            Mono<Void> send(FramedConnection connection, byte[] frame) {
                return connection.sendParts(frame.length, cut(frame, 20, 5000));
            }
        },
        WHOLE {
            @Override
            Mono<Void> send(FramedConnection connection, byte[] frame) {
                byte[] behindOthers = new byte[7 + frame.length];
                System.arraycopy(frame, 0, behindOthers, 7, frame.length);
                return connection.send(Mono.just(ByteBuffer.wrap(behindOthers, 7, frame.length)));
            }
        },
        IN_A_COUNTED_BUFFER {
            @Override
            Mono<Void> send(FramedConnection connection, byte[] frame) {
                return connection.sendBuffers(Mono.just(
                        Unpooled.buffer().writeZero(7).writeBytes(frame).skipBytes(7)));
            }
        },
        WRITTEN_BY_A_FUNCTION {
            @Override
            Mono<Void> send(FramedConnection connection, byte[] frame) {
                return connection.send(Mono.just(frame), (message, target) -> target.put(message));
            }
        };

        abstract Mono<Void> send(FramedConnection connection, byte[] frame);
    }

    @ParameterizedTest
    @EnumSource
    void send_endsWithTheMarkBehindItsFrame(How how) {
        for (int length : new int[] {12, 1020, 5000, 300 * KIB}) {
            EmbeddedSocket other = new EmbeddedSocket();
            FramedConnection connection =
                    other.framed(FrameCodec.of(new Marked(10, 10, 15)).maxFrameLength(1 << 20), Patience.USUAL);
            byte[] frame = letters(length);
            other.takes(0);
            TestSubscriber<Void> send = subscribed(how.send(connection, frame));

            other.takes(4 + length);
            assertThat(send.isTerminated()).isFalse();
            other.takes(1);

            assertThat(send.isTerminatedComplete()).isTrue();
            assertThat(other.taken()).isEqualTo(wire(frame));
            other.lose();
            assertThat(other.bytesInUse()).isZero();
        }
    }

    @Test
    void longFrameBehindAShortOne_beginsInANewBufferIfItsHeaderHasNoRoom() {
        byte[] frame = letters(100 * KIB);
        for (int length = 1010; length < 1024; length++) {
            EmbeddedSocket other = new EmbeddedSocket();
            FramedConnection connection =
                    other.framed(FrameCodec.of(new Marked(0, 0, 8)).maxFrameLength(1 << 20), Patience.USUAL);
            byte[] shortOne = letters(length);
            TestSubscriber<Void> send =
                    subscribed(connection.send(Flux.just(shortOne, frame).map(ByteBuffer::wrap)));
            other.turn();

            assertThat(send.isTerminatedComplete())
                    .as("behind %s bytes", length)
                    .isTrue();
            ByteArrayOutputStream expected = new ByteArrayOutputStream();
            expected.writeBytes(wire(shortOne));
            expected.writeBytes(wire(frame));
            assertThat(other.taken()).isEqualTo(expected.toByteArray());
            other.lose();
        }
    }

    // ---- refused

    @Test
    void encoderThatNeverHasSeenEnough_isToldSoBehind64KiB() {
        FramedConnection connection = connection(new Marked(80 * KIB, 0, 8));
        TestSubscriber<Void> refused = subscribed(connection.sendParts(90 * KIB, cut(letters(90 * KIB), 0, 1000)));
        TestSubscriber<Void> enough =
                subscribed(connection.sendParts(64 * KIB - 1, cut(letters(64 * KIB - 1), 9, 999)));
        socket.turn();

        assertThat(refused.expectTerminalError())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("This framing asks for more than the first 65536 bytes of a frame");
        assertThat(enough.isTerminatedComplete()).isTrue();
        assertThat(socket.taken()).isEqualTo(wire(letters(64 * KIB - 1)));
    }

    @Test
    void encoderThatWritesMuchAroundAFrame_hasToSeeItWhole() {
        FramedConnection connection = connection(new Marked(0, 0, 64 * KIB + 1));

        assertThat(subscribed(connection.sendParts(3, Flux.just(ConnectionTester.frame("abc"))))
                        .expectTerminalError())
                .isInstanceOf(UnsupportedOperationException.class);
        byte[] frame = letters(100 * KIB);
        subscribed(connection.send(Mono.just(ByteBuffer.wrap(frame))));
        subscribed(connection.send(Mono.just(ByteBuffer.wrap(frame)), (message, target) -> target.put(message)));
        socket.turn();
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        expected.writeBytes(wire(frame));
        expected.writeBytes(wire(frame));
        assertThat(socket.taken()).isEqualTo(expected.toByteArray());
    }

    @ParameterizedTest
    @ValueSource(ints = {64 * KIB, 10})
    void encoderThatWritesUpToABuffersFullAroundAFrame_mayWriteParts(int overhead) {
        FramedConnection connection = connection(new Marked(0, 0, overhead));
        socket.takes(0);
        TestSubscriber<Void> parts = subscribed(connection.sendParts(9, cut(letters(9), 3, 3)));
        TestSubscriber<Void> whole = subscribed(connection.send(Mono.just(ByteBuffer.wrap(letters(200 * KIB)))));
        socket.takes(Long.MAX_VALUE);

        assertThat(parts.isTerminatedComplete()).isTrue();
        assertThat(whole.isTerminatedComplete()).isTrue();
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        expected.writeBytes(wire(letters(9)));
        expected.writeBytes(wire(letters(200 * KIB)));
        assertThat(socket.taken()).isEqualTo(expected.toByteArray());
    }

    // ---- not finished

    @Test
    void tooFewBytes_connectionIsClosed() {
        TestSubscriber<Void> send = subscribed(connection(new Marked(0, 0, 8))
                .sendParts(4, Flux.just("ab", "c").map(ConnectionTester::frame)));
        socket.turn();

        assertThat(send.expectTerminalError())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The parts of a frame of 4 bytes ended after 3 bytes");
        assertThat(socket.isOpen()).isFalse();
    }

    @Test
    void tooManyBytes_connectionIsClosed() {
        TestSubscriber<Void> send = subscribed(connection(new Marked(0, 0, 8))
                .sendParts(4, Flux.just("ab", "cd", "e").map(ConnectionTester::frame)));
        socket.turn();

        assertThat(send.expectTerminalError())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The parts have more than the 4 bytes of the frame");
        assertThat(socket.isOpen()).isFalse();
    }

    @Test
    void sourceThatFailsInsideTheFrame_connectionIsClosed() {
        IllegalStateException failure = new IllegalStateException("of a test");
        TestSubscriber<Void> send = subscribed(connection(new Marked(0, 0, 8))
                .sendParts(
                        4,
                        Flux.just(ConnectionTester.frame("ab"))
                                .concatWith(Flux.error(failure))
                                .hide()));
        socket.turn();

        assertThat(send.expectTerminalError()).isSameAs(failure);
        assertThat(socket.isOpen()).isFalse();
    }

    @Test
    void sourceThatFailsBeforeTheFrame_connectionGoesOn() {
        IllegalStateException failure = new IllegalStateException("of a test");
        FramedConnection connection = connection(new Marked(3, 0, 8));
        for (Flux<ByteBuffer> parts : List.of(
                Flux.<ByteBuffer>error(failure),
                Flux.just(ConnectionTester.frame("ab")).concatWith(Flux.error(failure)))) {
            TestSubscriber<Void> send = subscribed(connection.sendParts(4, parts.hide()));
            socket.turn();
            assertThat(send.expectTerminalError()).isSameAs(failure);
        }
        subscribed(connection.send(Mono.just(ConnectionTester.frame("x"))));

        assertThat(socket.taken()).isEqualTo(wire(new byte[] {'x'}));
    }

    @Test
    void partThatWaitsWhenItsSendIsCancelled_isDiscarded() {
        FramedConnection connection = connection(new Marked(9, 0, 8));
        List<Object> discarded = new ArrayList<>();
        Sinks.Many<ByteBuffer> parts = Sinks.many().unicast().onBackpressureBuffer();
        TestSubscriber<Void> send = subscribed(
                connection.sendParts(20, parts.asFlux().hide()).doOnDiscard(ByteBuffer.class, discarded::add));
        socket.takes(0);
        subscribed(connection.send(Flux.range(0, 3).map(i -> ByteBuffer.allocate(60_000))));
        ByteBuffer part = ConnectionTester.frame("abc");
        parts.tryEmitNext(part);

        send.cancel();

        assertThat(discarded).containsExactly(part);
        socket.takes(Long.MAX_VALUE);
        assertThat(socket.isOpen()).isTrue();
    }
}
