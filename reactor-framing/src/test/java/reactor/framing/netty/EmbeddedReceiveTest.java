package reactor.framing.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.timeout.ReadTimeoutException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.framing.FrameCodec;
import reactor.framing.FrameTooLongException;
import reactor.framing.TruncatedFrameException;
import reactor.framing.format.LengthField;
import reactor.netty.channel.AbortedException;
import reactor.test.subscriber.TestSubscriber;

/** What is read from a socket that the test holds in its hand, and how that ends. */
@ExtendWith(NoBlocking.class)
class EmbeddedReceiveTest {

    private static final FrameCodec LENGTH4 = FrameCodec.of(LengthField.ofSize(4));
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final EmbeddedSocket socket = new EmbeddedSocket();
    private final FramedConnection connection = socket.framed(LENGTH4, Patience.USUAL);

    @AfterEach
    void everyBufferIsReleased() {
        socket.connection().dispose();
        socket.turn();
        assertThat(socket.bytesInUse()).isZero();
    }

    private TestSubscriber<String> reader(long demand) {
        TestSubscriber<String> reader =
                TestSubscriber.builder().initialRequest(demand).build();
        connection.receive().map(ConnectionTester::text).subscribe(reader);
        socket.turn();
        return reader;
    }

    private static byte[] wire(String... frames) {
        return ConnectionTester.wire(frames);
    }

    // ---- what is read

    @Test
    void socketIsRead_onlyWhenAFrameIsWantedThatIsNotThere() {
        assertThat(socket.reads()).isZero();
        TestSubscriber<String> reader = reader(0);
        assertThat(socket.reads()).isZero();

        reader.request(1);
        assertThat(socket.reads()).isEqualTo(1);
        socket.arrive(Arrays.copyOf(wire("a"), 3));
        assertThat(socket.reads()).as("a part of a frame").isPositive();
        socket.arrive(Arrays.copyOfRange(wire("a"), 3, 5));
        assertThat(reader.getReceivedOnNext()).containsExactly("a");
        assertThat(socket.reads()).as("nobody wants more").isZero();

        reader.request(1);
        socket.reads();
        socket.arrive(wire("b", "c", "d"));
        assertThat(reader.getReceivedOnNext()).containsExactly("a", "b");
        assertThat(socket.reads()).isZero();
        reader.request(2);
        assertThat(reader.getReceivedOnNext()).containsExactly("a", "b", "c", "d");
        assertThat(socket.reads()).isZero();
    }

    @Test
    void cancelledReader_leavesTheRestToTheNextOne() {
        TestSubscriber<String> first = reader(1);
        socket.arrive(wire("a", "b"), wire("c"));
        first.cancel();

        assertThat(reader(9).getReceivedOnNext()).containsExactly("b", "c");
    }

    @Test
    void nobodyReads_isLookedAtAfterASecondAndReadUpTo64KiB() {
        socket.pass(LOOK.minusNanos(1));
        assertThat(socket.reads()).isZero();
        socket.pass(Duration.ofNanos(1));
        assertThat(socket.reads()).isEqualTo(1);

        socket.arrive(wire("a"));
        assertThat(socket.reads()).as("little has come").isPositive();
        socket.arrive(new byte[64 * 1024 - 6]);
        assertThat(socket.reads()).as("a byte less than 64 KiB").isPositive();
        socket.arrive(new byte[1]);
        assertThat(socket.reads()).as("64 KiB").isZero();
        socket.pass(LOOK.multipliedBy(5));
        assertThat(socket.reads()).isZero();

        assertThat(reader(1).getReceivedOnNext()).containsExactly("a");
    }

    @Test
    void readerThatIsSlow_isNotReadAheadOf() {
        TestSubscriber<String> reader = reader(1);
        socket.arrive(wire("a"));
        socket.reads();

        socket.pass(LOOK.multipliedBy(5));

        assertThat(socket.reads()).isZero();
        assertThat(reader.isTerminated()).isFalse();
    }

    @Test
    void readerThatHasLeft_socketIsLookedAtAfterASecond() {
        TestSubscriber<String> reader = reader(1);
        socket.arrive(wire("a", "b"));
        socket.reads();
        socket.pass(LOOK);
        reader.cancel();
        assertThat(socket.reads()).isZero();

        socket.pass(LOOK);

        assertThat(socket.reads()).isPositive();
    }

    @Test
    void whatHadArrivedBefore_isThere() {
        EmbeddedSocket early = new EmbeddedSocket();
        early.arrive(wire("a"), wire("b"));
        early.arrive(wire("c"));
        TestSubscriber<String> reader = TestSubscriber.create();

        early.framed(LENGTH4, Patience.USUAL)
                .receive()
                .map(ConnectionTester::text)
                .subscribe(reader);

        assertThat(reader.getReceivedOnNext()).containsExactly("a", "b", "c");
        early.lose();
        assertThat(early.bytesInUse()).isZero();
    }

    @Test
    void somebodyElseReads_receiveSaysSo() {
        EmbeddedSocket taken = new EmbeddedSocket();
        taken.connection().receive().subscribe();
        TestSubscriber<String> reader = TestSubscriber.create();

        taken.framed(LENGTH4, Patience.USUAL)
                .receive()
                .map(ConnectionTester::text)
                .subscribe(reader);

        assertThat(reader.expectTerminalError()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void connectionThatWasClosedBefore_everythingSaysSo() {
        EmbeddedSocket closed = new EmbeddedSocket();
        closed.lose();
        FramedConnection framed = closed.framed(LENGTH4, Patience.USUAL);
        TestSubscriber<ByteBuffer> reader = TestSubscriber.create();
        TestSubscriber<Void> send = TestSubscriber.create();
        framed.receive().subscribe(reader);
        framed.send(Flux.never()).subscribe(send);

        assertThat(reader.expectTerminalError())
                .isInstanceOf(AbortedException.class)
                .hasMessageContaining("closed before frames were put on it");
        assertThat(send.expectTerminalError()).isSameAs(reader.expectTerminalError());
    }

    @Test
    void framesInCountedBuffers_areTheReadersToRelease() {
        List<ByteBuf> frames = new ArrayList<>();
        connection.receiveBuffers().subscribe(frames::add, closed -> {});
        byte[] wire = wire("a", "bcd", "efgh", "");
        socket.arrive(Arrays.copyOf(wire, 7), Arrays.copyOfRange(wire, 7, 15), Arrays.copyOfRange(wire, 15, 24));

        assertThat(frames)
                .extracting(frame -> frame.toString(StandardCharsets.US_ASCII))
                .containsExactly("a", "bcd", "efgh", "");
        socket.connection().dispose();
        socket.turn();
        assertThat(frames).allMatch(frame -> frame.refCnt() > 0);
        assertThat(socket.bytesInUse()).isPositive();
        frames.forEach(ByteBuf::release);
        assertThat(socket.bytesInUse()).isZero();
    }

    @Test
    void optionsOfTheChannel() {
        assertThat(socket.config().isAutoClose()).isFalse();
        assertThat(socket.config().isAutoRead()).isFalse();
        AdaptiveRecvByteBufAllocator usual = socket.config().getRecvByteBufAllocator();
        var handle = usual.newHandle();
        handle.reset(socket.config());
        for (int i = 0; i < 20; i++) {
            handle.attemptedBytesRead(handle.guess());
            handle.lastBytesRead(handle.guess());
            handle.readComplete();
        }
        assertThat(handle.guess()).as("a read of a fast connection").isEqualTo(256 * 1024);

        EmbeddedSocket other = new EmbeddedSocket();
        FixedRecvByteBufAllocator own = new FixedRecvByteBufAllocator(100);
        other.config().setRecvByteBufAllocator(own);
        other.framed(LENGTH4, Patience.USUAL);
        assertThat((Object) other.config().getRecvByteBufAllocator()).isSameAs(own);
    }

    @Test
    void handlerThatMakesSomethingElseOfTheBytes_receiveSaysSo() {
        socket.writeInbound("something else");
        socket.turn();

        assertThat(reader(1).expectTerminalError()).hasMessageContaining("something else");
    }

    @Test
    void chunksThatAreHandedOut_comeBackInAnyOrder() {
        HandedOutBuffers handedOut = new HandedOutBuffers();
        ByteBuf first = Unpooled.directBuffer().writeZero(8);
        ByteBuf second = Unpooled.directBuffer().writeZero(8);
        ByteBuffer firstChunk = handedOut.add(first);
        ByteBuffer secondChunk = handedOut.add(second);
        assertThat(handedOut.get(secondChunk)).isSameAs(second);

        handedOut.accept(secondChunk);
        assertThat(second.refCnt()).isZero();
        assertThat(first.refCnt()).isEqualTo(1);
        assertThat(handedOut.isEmpty()).isFalse();
        assertThatThrownBy(() -> handedOut.accept(secondChunk)).isInstanceOf(IndexOutOfBoundsException.class);
        handedOut.accept(firstChunk);
        assertThat(first.refCnt()).isZero();
        assertThat(handedOut.isEmpty()).isTrue();
    }

    // ---- how it ends

    @Test
    void fin_whatArrivedIsDeliveredOnDemandThenTheEnd() {
        TestSubscriber<String> reader = reader(0);
        socket.arrive(wire("a", "b"));
        socket.fin();
        assertThat(reader.isTerminated()).isFalse();

        reader.request(1);
        assertThat(reader.getReceivedOnNext()).containsExactly("a");
        assertThat(reader.isTerminated()).isFalse();
        reader.request(1);
        assertThat(reader.getReceivedOnNext()).containsExactly("a", "b");
        assertThat(reader.isTerminatedComplete()).isTrue();
        assertThat(socket.isOpen()).as("for answers").isTrue();
        assertThat(reader(1).isTerminatedComplete()).as("the next one").isTrue();
    }

    @Test
    void finInsideAFrame_isATruncation() {
        TestSubscriber<String> reader = reader(9);
        socket.arrive(Arrays.copyOf(wire("a", "b"), 9));
        socket.fin();

        assertThat(reader.getReceivedOnNext()).containsExactly("a");
        assertThat(reader.expectTerminalError()).isInstanceOf(TruncatedFrameException.class);
    }

    @Test
    void closeNotify_isTheEndOfTheInputOnly() {
        TestSubscriber<String> reader = reader(9);
        socket.arrive(wire("a"));
        socket.pipeline().fireUserEventTriggered(new SslCloseCompletionEvent(new ClosedChannelException()));
        socket.turn();
        assertThat(reader.isTerminated()).as("it has failed").isFalse();

        socket.pipeline().fireUserEventTriggered(SslCloseCompletionEvent.SUCCESS);
        socket.turn();

        assertThat(reader.isTerminatedComplete()).isTrue();
        assertThat(socket.isOpen()).isTrue();
    }

    @Test
    void reset_whatArrivedIsDeliveredThenTheReset() {
        TestSubscriber<String> reader = reader(1);
        socket.arrive(wire("a", "b"));
        socket.reset();
        assertThat(socket.isOpen()).isFalse();
        assertThat(reader.isTerminated()).isFalse();

        reader.request(1);

        assertThat(reader.getReceivedOnNext()).containsExactly("a", "b");
        assertThat(reader.expectTerminalError())
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("Connection reset by peer");
    }

    @Test
    void handlerThatThrows_receiveFailsAndTheConnectionIsLeftToIt() {
        TestSubscriber<String> reader = reader(1);
        socket.pipeline().fireExceptionCaught(ReadTimeoutException.INSTANCE);

        assertThat(reader.expectTerminalError()).isSameAs(ReadTimeoutException.INSTANCE);
        assertThat(socket.isOpen()).isTrue();
    }

    @Test
    void noMemoryInAHandler_connectionIsClosed() {
        OutOfMemoryError error = new OutOfMemoryError("of a test");
        TestSubscriber<String> reader = reader(1);
        TestSubscriber<Void> send = TestSubscriber.create();
        connection.send(Flux.never()).subscribe(send);
        socket.pipeline().fireExceptionCaught(error);
        socket.turn();

        assertThat(reader.expectTerminalError()).isSameAs(error);
        assertThat(send.expectTerminalError()).isSameAs(error);
        assertThat(socket.isOpen()).isFalse();
    }

    @Test
    void closedHere_isAnAbortAtOnceAndWhatArrivedIsReleased() {
        TestSubscriber<String> reader = reader(1);
        socket.arrive(wire("a", "b"), wire("c"), wire("d"));
        socket.connection().dispose();
        socket.turn();

        assertThat(reader.getReceivedOnNext()).containsExactly("a");
        assertThat(reader.expectTerminalError())
                .isInstanceOf(AbortedException.class)
                .hasMessage("The connection has been closed");
        assertThat(socket.bytesInUse()).isZero();
    }

    @Test
    void closedWithoutAWord_isAnAbort() {
        TestSubscriber<String> reader = reader(1);
        socket.lose();

        assertThat(reader.expectTerminalError())
                .isInstanceOf(AbortedException.class)
                .hasMessage("The connection has been closed");
    }

    @Test
    void closedBehindFin_whatArrivedIsDelivered() {
        TestSubscriber<String> reader = reader(1);
        socket.arrive(wire("a", "b"));
        socket.fin();
        socket.lose();
        reader.request(1);

        assertThat(reader.getReceivedOnNext()).containsExactly("a", "b");
        assertThat(reader.isTerminatedComplete()).isTrue();
    }

    @Test
    void resetThatAWriteHasSeen_isTheEndOfTheInput() {
        for (boolean fin : List.of(true, false)) {
            EmbeddedSocket other = new EmbeddedSocket();
            FramedConnection framed = other.framed(LENGTH4, Patience.USUAL);
            TestSubscriber<String> reader =
                    TestSubscriber.builder().initialRequest(1).build();
            framed.receive().map(ConnectionTester::text).subscribe(reader);
            IOException reset = new IOException("Connection reset by peer");
            other.arrive(wire("a", "b"));
            other.failWrites(reset);
            framed.send(Mono.just(ConnectionTester.frame("c")))
                    .onErrorComplete()
                    .subscribe();
            other.turn();
            assertThat(reader.isTerminated()).isFalse();

            if (fin) {
                other.fin();
            } else {
                other.lose();
            }
            reader.request(1);

            assertThat(reader.getReceivedOnNext()).containsExactly("a", "b");
            assertThat(reader.expectTerminalError()).isSameAs(reset);
            other.lose();
            assertThat(other.bytesInUse()).isZero();
        }
    }

    @Test
    void writeThatFailsOtherwise_isNotTheEndOfTheInput() {
        TestSubscriber<String> reader = reader(1);
        socket.failWrites(new IOException("Broken pipe"));
        connection
                .send(Mono.just(ConnectionTester.frame("c")))
                .onErrorComplete()
                .subscribe();
        socket.turn();
        socket.fin();

        assertThat(reader.isTerminatedComplete()).isTrue();
    }

    @Test
    void whatArrivesBehindTheEnd_isReleased() {
        TestSubscriber<String> reader = reader(9);
        socket.fin();
        socket.arrive(wire("late"));

        assertThat(reader.getReceivedOnNext()).isEmpty();
        assertThat(socket.bytesInUse()).isZero();
        assertThat(socket.reads()).as("after the first").isLessThanOrEqualTo(1);
    }

    @Test
    void emptyBuffer_isReleasedAndNoChunk() {
        TestSubscriber<String> reader = reader(9);
        socket.arrive(new byte[0]);
        assertThat(socket.bytesInUse()).isZero();
        socket.writeInbound(Unpooled.EMPTY_BUFFER);
        socket.arrive(wire("a"));

        assertThat(reader.getReceivedOnNext()).containsExactly("a");
    }

    @Test
    void subscriberThatThrowsWhatCannotBeHandled_connectionIsClosed() {
        connection
                .receive()
                .doOnNext(frame -> {
                    throw new OutOfMemoryError("of a test");
                })
                .subscribe(frame -> {}, thrown -> {});
        TestSubscriber<Void> send = TestSubscriber.create();
        connection.send(Flux.never()).subscribe(send);

        socket.arrive(wire("a"));

        assertThat(socket.isOpen()).isFalse();
        assertThat(send.expectTerminalError()).hasMessage("of a test");
        assertThat(reader(1).expectTerminalError()).hasMessage("of a test");
    }

    @Test
    void fault_whatArrivedBehindItIsReleasedAtOnce() {
        TestSubscriber<String> reader = reader(0);
        socket.arrive(wire("a"), new byte[] {127, 0, 0, 0}, wire("b"), wire("c"));
        reader.request(9);

        assertThat(reader.getReceivedOnNext()).containsExactly("a");
        assertThat(reader.expectTerminalError()).isInstanceOf(FrameTooLongException.class);
        assertThat(socket.bytesInUse()).isZero();
        socket.reads();
        socket.pass(LOOK.multipliedBy(3));
        assertThat(socket.reads()).isZero();
    }

    // ---- stopped here

    @Test
    void stopReceiving_completesBehindWhatHasArrived() {
        TestSubscriber<String> reader = reader(1);
        socket.arrive(wire("a", "b"), Arrays.copyOf(wire("c"), 4));
        connection.stopReceiving();
        socket.arrive(new byte[] {'c'});
        socket.reads();
        reader.request(9);

        assertThat(reader.getReceivedOnNext()).containsExactly("a", "b");
        assertThat(reader.isTerminatedComplete()).isTrue();
        socket.pass(LOOK.multipliedBy(3));
        assertThat(socket.reads()).isZero();
        assertThat(socket.bytesInUse()).isZero();
    }

    @Test
    void stopReceiving_endsAReaderThatWaits() {
        TestSubscriber<String> reader = reader(1);
        connection.stopReceiving();

        assertThat(reader.isTerminatedComplete()).isTrue();
        assertThat(socket.isOpen()).isTrue();
    }

    // ---- nothing comes

    @Test
    void idleTimeout_endsAReaderThatWaits() {
        connection.idleTimeout(Duration.ofNanos(1));
        TestSubscriber<String> reader = reader(1);
        socket.pass(Duration.ofNanos(1));

        assertThat(reader.expectTerminalError())
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessage("Nothing came for PT0.000000001S");
        assertThat(socket.isOpen()).isFalse();
    }

    @Test
    void idleTimeout_thatIsSetWhileSomebodyWaits_endsItToo() {
        TestSubscriber<String> reader = reader(1);
        connection.idleTimeout(Duration.ofNanos(1));
        socket.pass(Duration.ofNanos(1));

        assertThat(reader.expectTerminalError()).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void idleTimeout_isReplacedByTheNextOne() {
        TestSubscriber<String> reader = reader(1);
        connection.idleTimeout(Duration.ofNanos(1));
        connection.idleTimeout(Duration.ofHours(1));
        socket.pass(Duration.ofSeconds(1));

        assertThat(reader.isTerminated()).isFalse();
    }

    @Test
    void idleTimeout_isNotReachedBeforeItsTime() {
        connection.idleTimeout(Duration.ofHours(1));
        TestSubscriber<String> reader = reader(1);
        // the clock that tells since when somebody waits is not this event loop's
        socket.pass(Duration.ofMinutes(61));

        assertThat(reader.isTerminated()).isFalse();
    }

    @Test
    void idleTimeout_doesNotCountWhileNobodyWaits() {
        connection.idleTimeout(Duration.ofNanos(1));
        TestSubscriber<String> reader = reader(1);
        socket.arrive(wire("a"));
        socket.pass(Duration.ofMillis(1));
        assertThat(reader.isTerminated()).isFalse();

        reader.request(1);
        socket.pass(Duration.ofMillis(1));
        assertThat(reader.expectTerminalError()).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void idleTimeout_isOverWithTheInput() {
        connection.idleTimeout(Duration.ofNanos(1));
        TestSubscriber<String> reader = reader(1);
        socket.fin();
        socket.pass(Duration.ofMillis(1));

        assertThat(reader.isTerminatedComplete()).isTrue();
        assertThat(socket.isOpen()).isTrue();
    }

    // ---- nobody reads any more

    @Test
    void resetWithUnreadBytes_noMemoryOfTheChannelIsKept() {
        TestSubscriber<String> first = reader(1);
        socket.arrive(wire("a", "b"), wire("c"));
        first.cancel();
        assertThat(socket.bytesInUse()).isPositive();

        socket.reset();
        assertThat(socket.bytesInUse()).isZero();

        TestSubscriber<String> second = reader(Long.MAX_VALUE);
        assertThat(first.getReceivedOnNext()).containsExactly("a");
        assertThat(second.getReceivedOnNext()).containsExactly("b", "c");
        assertThat(second.expectTerminalError()).isInstanceOf(IOException.class);
    }

    /** A frame of this length on the wire, in chunks of these lengths. */
    private static List<byte[]> cut(int wireLength, int... chunks) {
        byte[] wire = new byte[wireLength];
        ByteBuffer.wrap(wire).putInt(wireLength - 4);
        for (int i = 4; i < wireLength; i++) {
            wire[i] = (byte) (i * 31 >> 3);
        }
        List<byte[]> cut = new ArrayList<>();
        int start = 0;
        for (int length : chunks) {
            cut.add(Arrays.copyOfRange(wire, start, start + length));
            start += length;
        }
        assertThat(start).isEqualTo(wireLength);
        return cut;
    }

    private static byte[] payload(List<byte[]> chunks) {
        ByteBuf whole = Unpooled.wrappedBuffer(chunks.toArray(new byte[0][]));
        return ByteBufUtil.getBytes(whole, 4, whole.readableBytes() - 4);
    }

    @Test
    void longFrameOfSeveralReads_consistsOfThem_andHoldsThemUntilItIsReleased() {
        List<ByteBuf> frames = new ArrayList<>();
        connection.receiveBuffers().subscribe(frames::add, closed -> {});
        List<byte[]> chunks = cut(60_000, 10_000, 20_000, 3_000, 25_000, 2_000);
        chunks.forEach(socket::arrive);

        assertThat(frames).hasSize(1);
        ByteBuf frame = frames.get(0);
        assertThat(((CompositeByteBuf) frame).numComponents()).isEqualTo(5);
        assertThat(ByteBufUtil.getBytes(frame)).isEqualTo(payload(chunks));
        assertThat(socket.bytesInUse()).isPositive();
        frame.release();
        assertThat(socket.bytesInUse()).isZero();
    }

    @Test
    void frameOfReadsThatFillLittleOfTheirBuffers_isCopied() {
        assertCopied(cut(27_000, 9_000, 9_000, 9_000), 64 * 1024);
    }

    @Test
    void shortFrameOfSeveralReads_isCopied() {
        assertCopied(cut(3_000, 1_000, 1_000, 1_000), 1_000);
    }

    private void assertCopied(List<byte[]> chunks, int room) {
        List<ByteBuf> frames = new ArrayList<>();
        connection.receiveBuffers().subscribe(frames::add, closed -> {});
        chunks.forEach(chunk -> socket.arriveInRoom(chunk, room));

        assertThat(frames.get(0)).isNotInstanceOf(CompositeByteBuf.class);
        assertThat(ByteBufUtil.getBytes(frames.get(0))).isEqualTo(payload(chunks));
        frames.get(0).release();
        assertThat(socket.bytesInUse()).isZero();
    }

    @Test
    void closedInsideALongFrame_itsReadsAreReleased() {
        connection.receiveBuffers().subscribe(frame -> {}, closed -> {});
        List<byte[]> chunks = cut(60_000, 30_000, 20_000, 10_000);
        socket.arrive(chunks.get(0), chunks.get(1));
        assertThat(socket.bytesInUse()).isPositive();

        socket.connection().dispose();
        socket.turn();
        assertThat(socket.bytesInUse()).isZero();
    }

    @Test
    void resetInsideALongFrame_itsReadsAreReleased_andTheFrameIsTruncated() {
        TestSubscriber<ByteBuf> reader = TestSubscriber.create();
        connection.receiveBuffers().subscribe(reader);
        List<byte[]> chunks = cut(60_000, 30_000, 20_000, 10_000);
        socket.arrive(chunks.get(0), chunks.get(1));

        socket.reset();
        assertThat(socket.bytesInUse()).isZero();
        assertThat(reader.expectTerminalError()).isInstanceOf(IOException.class);
    }

    @Test
    void resetWithUnreadBytes_theyAreReadAsBuffersAllTheSame() {
        socket.arrive(wire("a", "b"), wire("c"));
        connection.receiveBuffers().next().subscribe(ByteBuf::release);
        socket.turn();

        socket.reset();
        assertThat(socket.bytesInUse()).isZero();

        List<String> texts = new ArrayList<>();
        connection
                .receiveBuffers()
                .doOnNext(buffer -> {
                    texts.add(buffer.toString(StandardCharsets.US_ASCII));
                    buffer.release();
                })
                .subscribe(buffer -> {}, error -> texts.add(error.getMessage()));
        assertThat(texts).containsExactly("b", "c", "Connection reset by peer");
    }
}
