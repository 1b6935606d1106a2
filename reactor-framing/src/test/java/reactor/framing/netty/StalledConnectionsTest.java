package reactor.framing.netty;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.reactivestreams.Publisher;
import org.slf4j.LoggerFactory;
import reactor.framing.FrameCodec;
import reactor.framing.FrameTimeoutException;
import reactor.framing.format.LengthField;
import reactor.netty.DisposableServer;
import reactor.netty.NettyInbound;
import reactor.netty.NettyOutbound;
import reactor.netty.tcp.TcpServer;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * Many connections that each send the start of a frame and then nothing: what they cost, and that the timeout ends
 * them.
 */
@Timeout(600)
@ExtendWith(NoBlocking.class)
class StalledConnectionsTest {

    private static final Duration FRAME_TIME = Duration.ofSeconds(2);
    private static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(4));
    private static final byte[] HALF_A_HEADER = {0, 0};

    /** A frame of 8 MiB is announced, and its first byte is there. */
    private static final byte[] HEADER_AND_A_BYTE = {0, (byte) 0x80, 0, 0, 1};

    private static final BiFunction<NettyInbound, NettyOutbound, Publisher<Void>> WITHOUT_FRAMES =
            (inbound, outbound) -> inbound.receive().then();

    private final Logger log = (Logger) LoggerFactory.getLogger(FramedConnection.class);
    private final Queue<Throwable> ends = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void doNotLogEveryConversation() {
        log.setLevel(Level.OFF);
    }

    @AfterEach
    void logAgain() {
        log.setLevel(null);
    }

    /** A server and clients that have each sent the same, all of which the server has read. */
    private static final class Stalled implements AutoCloseable {

        private final DisposableServer server;
        private final List<Socket> clients = new ArrayList<>();
        private final CountDownLatch closed;

        Stalled(int count, byte[] sent, BiFunction<NettyInbound, NettyOutbound, Publisher<Void>> handler)
                throws Exception {
            CountDownLatch unread = new CountDownLatch(count * sent.length);
            closed = new CountDownLatch(count);
            server = TcpServer.create()
                    .host("localhost")
                    .port(0)
                    .doOnConnection(connection -> {
                        connection.addHandlerLast(new CountingHandler(unread));
                        Channel channel = connection.channel();
                        // behind whatever the close sets off
                        channel.closeFuture()
                                .addListener(f -> channel.eventLoop().execute(closed::countDown));
                    })
                    .handle(handler)
                    .bindNow();
            for (int i = 0; i < count; i++) {
                Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port());
                client.setSoTimeout(30_000);
                client.getOutputStream().write(sent);
                clients.add(client);
            }
            assertThat(unread.await(60, TimeUnit.SECONDS)).isTrue();
        }

        void assertAllClosedByServer() throws IOException {
            for (Socket client : clients) {
                assertThat(client.getInputStream().read()).isEqualTo(-1);
            }
        }

        @Override
        public void close() throws IOException {
            for (Socket client : clients) {
                client.close();
            }
            try {
                assertThat(closed.await(60, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            server.disposeNow();
        }
    }

    /** Counts the bytes that have been read by the handlers behind this one. */
    private static final class CountingHandler extends ChannelInboundHandlerAdapter {

        private final CountDownLatch unread;

        CountingHandler(CountDownLatch unread) {
            this.unread = unread;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            int bytes = ((ByteBuf) message).readableBytes();
            context.fireChannelRead(message);
            for (int i = 0; i < bytes; i++) {
                unread.countDown();
            }
        }
    }

    private BiFunction<NettyInbound, NettyOutbound, Publisher<Void>> framed(FrameCodec codec) {
        return FramedConnection.handler(
                codec, connection -> connection.receive().doOnError(ends::add).then());
    }

    private void assertAllTimedOut(int count) {
        assertThat(ends).hasSize(count).allSatisfy(end -> {
            assertThat(end).isInstanceOf(FrameTimeoutException.class);
            assertThat(((FrameTimeoutException) end).received()).isEqualTo(2);
            assertThat(((FrameTimeoutException) end).expected()).isEqualTo(-1);
            assertThat(((FrameTimeoutException) end).frameIndex()).isZero();
        });
    }

    private static long heap() {
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** What a connection costs on the heap, its client included. */
    private static double heapOfEach(
            int count, byte[] sent, BiFunction<NettyInbound, NettyOutbound, Publisher<Void>> handler) throws Exception {
        long before = heap();
        Stalled stalled = new Stalled(count, sent, handler);
        double each = (double) (heap() - before) / count;
        stalled.close();
        return each;
    }

    @Test
    void halfAHeader_costsLittle() throws Exception {
        int count = 200;
        heapOfEach(20, HALF_A_HEADER, WITHOUT_FRAMES);
        heapOfEach(20, HALF_A_HEADER, framed(CODEC.frameTimeout(Duration.ofHours(1))));

        int limit = 16 * 1024;
        // Other things come and go on the heap, but not each time.
        double least = Double.MAX_VALUE;
        for (int i = 0; i < 5 && least >= limit; i++) {
            double plain = heapOfEach(count, HALF_A_HEADER, WITHOUT_FRAMES);
            double framed = heapOfEach(count, HALF_A_HEADER, framed(CODEC.frameTimeout(Duration.ofHours(1))));
            least = Math.min(least, framed - plain);
        }

        assertThat(least).isLessThan(limit);
    }

    @Test
    void halfAHeader_thenNothing_timeoutEndsEveryConversation() throws Exception {
        int count = 200;
        VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        try (Stalled stalled = new Stalled(count, HALF_A_HEADER, framed(CODEC.frameTimeout(FRAME_TIME, clock)))) {
            clock.advanceTimeBy(FRAME_TIME.minusMillis(1));
            assertThat(ends).isEmpty();

            clock.advanceTimeBy(Duration.ofMillis(1));

            stalled.assertAllClosedByServer();
            assertAllTimedOut(count);
        }
    }

    @Test
    void betweenFrames_noTimeoutEndsAConversation() throws Exception {
        VirtualTimeScheduler clock = VirtualTimeScheduler.create();
        byte[] wholeFrame = {0, 0, 0, 1, 'x'};
        Stalled stalled = new Stalled(20, wholeFrame, framed(CODEC.frameTimeout(FRAME_TIME, clock)));
        clock.advanceTimeBy(Duration.ofHours(1));
        assertThat(ends).isEmpty();
        stalled.close();
    }

    @Tag("campaign")
    @Test
    void twoThousandConnections_campaign() throws Exception {
        int count = 2000;
        FrameCodec codec = CODEC.frameTimeout(Duration.ofHours(1));
        for (int i = 0; i < 2; i++) {
            heapOfEach(count, HALF_A_HEADER, WITHOUT_FRAMES);
            heapOfEach(count, HALF_A_HEADER, framed(codec));
        }
        for (int i = 0; i < 3; i++) {
            report("without frames", heapOfEach(count, HALF_A_HEADER, WITHOUT_FRAMES));
            report("half a header", heapOfEach(count, HALF_A_HEADER, framed(CODEC)));
            report("half a header, frameTimeout", heapOfEach(count, HALF_A_HEADER, framed(codec)));
            report("a header of 8 MiB and a byte", heapOfEach(count, HEADER_AND_A_BYTE, framed(codec)));
        }
        System.out.printf(
                Locale.ROOT,
                "direct memory of Netty's pool: %,d bytes%n",
                PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory());
        ends.clear();
        long start = System.nanoTime();
        try (Stalled stalled = new Stalled(count, HALF_A_HEADER, framed(CODEC.frameTimeout(FRAME_TIME)))) {
            long sent = System.nanoTime();
            stalled.assertAllClosedByServer();
            long closed = System.nanoTime();
            assertAllTimedOut(count);
            System.out.printf(
                    Locale.ROOT,
                    "all connected and read within %,d ms, all closed %,d ms later%n",
                    (sent - start) / 1_000_000,
                    (closed - sent) / 1_000_000);
        }
    }

    private static void report(String what, double bytes) {
        System.out.printf(Locale.ROOT, "%s: %,.0f bytes of heap for each connection%n", what, bytes);
    }
}
