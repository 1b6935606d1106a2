package reactor.framing.netty;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.reactivestreams.Publisher;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.framing.FrameCodec;
import reactor.framing.FramePart;
import reactor.framing.TruncatedFrameException;
import reactor.framing.format.LengthField;
import reactor.netty.DisposableServer;
import reactor.netty.channel.AbortedException;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;

/**
 * Many connections at once, again and again. Frames of 0 B to 1 MiB are sent back: a third of them over TLS, to readers
 * of which some are slow, and of which some end the connection in the middle of a frame. What is sent follows from the
 * seed, which is printed; how it is cut, and what arrives before a reset, is up to the network.
 *
 * <table>
 * <caption>Properties</caption>
 * <tr><td>{@code soak.seconds}</td><td>how long new connections are made; 20</td></tr>
 * <tr><td>{@code soak.connections}</td><td>how many there are at once; 300</td></tr>
 * <tr><td>{@code soak.seed}</td><td>by chance</td></tr>
 * </table>
 */
@Tag("one-jdk") // the event loops, buffers and sockets are Netty's
@ExtendWith(NoBlocking.class)
class SoakTest {

    private static final int SECONDS = Integer.getInteger("soak.seconds", 20);
    private static final int CONNECTIONS = Integer.getInteger("soak.connections", 300);
    private static final long SEED = Long.getLong("soak.seed", System.nanoTime());

    private static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(4)).maxFrameLength(1 << 20);
    private static final int LONGEST = 1 << 20;
    private static final int PIECE = 10_000;

    /** Has the server reset the connection, with frames under way. No other frame has that length. */
    private static final int RESET_REQUEST = 13;

    private static final String THREADS = "soak";

    /** This is not about time: a starved machine is no failure. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /**
     * By how much the heap, or direct memory, may have grown when all is over: classes, and the event loops that have
     * ended, which Reactor Netty's cache of resolvers keeps.
     */
    private static final long GROWTH = 2 << 20;

    /** Every frame is a piece of this: so none has to be kept to be compared with. */
    private static final byte[] BYTES = new byte[2 * LONGEST];

    static {
        new Random(1).nextBytes(BYTES);
    }

    /** How a conversation ends. */
    private enum Ending {
        IN_ORDER,
        SLOWLY,
        HALF_CLOSE_IN_FRAME,
        RESET_IN_FRAME,
        RESET_WHILE_RECEIVING,
        RESET_BY_SERVER;

        boolean isReset() {
            return compareTo(RESET_IN_FRAME) >= 0;
        }
    }

    /** How a client reads. */
    private enum Reading {
        KEPT,
        LENT,
        IN_PARTS
    }

    private final ListAppender<ILoggingEvent> leaks = new ListAppender<>();
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);

    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger mostOpen = new AtomicInteger();
    private final LongAdder conversations = new LongAdder();
    private final LongAdder resets = new LongAdder();
    private final LongAdder halfCloses = new LongAdder();
    private final LongAdder frames = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final AtomicLong mostDirect = new AtomicLong();

    /** What a server saw that no client has done. */
    private final Queue<Throwable> unexpected = new ConcurrentLinkedQueue<>();

    @Test
    void manyConnections_everyAcknowledgedFrameIsRightAndNothingIsLeft() {
        System.out.printf("soak: -Dsoak.seed=%d%n", SEED);
        Logger log = (Logger) LoggerFactory.getLogger(FramedConnection.class);
        Logger detector = (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
        log.setLevel(Level.OFF); // frames that are cut off are reported at level warn
        leaks.start();
        detector.addAppender(leaks);
        assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
        try {
            soak(Math.min(CONNECTIONS, 100), 1); // classes are loaded, and pools filled
            long heap = heap();
            long direct = direct();

            soak(CONNECTIONS, SECONDS);

            System.out.printf(
                    "soak: %,d conversations, %,d at once; %,d frames of %,d MiB came back; %,d resets,"
                            + " %,d half-closes; heap %,d KiB before, %,d after; direct memory %,d, %,d at most, %,d%n",
                    conversations.sum(),
                    mostOpen.get(),
                    frames.sum(),
                    bytes.sum() >> 20,
                    resets.sum(),
                    halfCloses.sum(),
                    heap >> 10,
                    heap() >> 10,
                    direct >> 10,
                    mostDirect.get() >> 10,
                    direct() >> 10);
            assertThat(unexpected).as("what servers saw").isEmpty();
            assertThat(leaks.list).as("leaks").isEmpty();
            assertThat(mostOpen).hasValue(CONNECTIONS);
            assertThat(resets.sum()).isPositive();
            assertThat(halfCloses.sum()).isPositive();
            assertThat(heap() - heap).as("bytes by which the heap has grown").isLessThan(GROWTH);
            assertThat(direct() - direct).as("the same of direct memory").isLessThan(GROWTH);
        } finally {
            detector.detachAppender(leaks);
            log.setLevel(null);
        }
    }

    private void soak(int atOnce, int seconds) {
        LoopResources loops = LoopResources.create(THREADS, 1, 2, true);
        List<DisposableServer> servers = List.of(
                server(loops, Transport.TLS13, connection -> connection.send(sentBack(connection))),
                server(loops, Transport.EPOLL, connection -> connection.send(sentBack(connection))),
                server(loops, Transport.EPOLL, connection -> connection.sendBuffers(passedBack(connection))),
                server(loops, Transport.TLS13, connection -> connection.sendBuffers(passedBack(connection))));
        long deadline = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        AtomicInteger connected = new AtomicInteger();
        Sinks.Empty<Void> all = Sinks.empty();
        Mono<Void> whenAllAreConnected = Mono.defer(() -> {
            if (connected.incrementAndGet() == atOnce) {
                all.tryEmitEmpty();
            }
            return all.asMono();
        });
        Flux.range(0, atOnce)
                .flatMap(
                        slot -> {
                            Random random = new Random(SEED + slot);
                            boolean tls = slot % 3 == 0;
                            DisposableServer server = servers.get(tls && slot % 2 == 0 ? 3 : slot % 3);
                            TcpClient client = client(loops, tls ? Transport.TLS13 : Transport.EPOLL, server);
                            return conversation(client, random, whenAllAreConnected)
                                    .then(Mono.defer(() -> conversation(client, random, Mono.empty()))
                                            .repeat(() -> System.nanoTime() < deadline)
                                            .then());
                        },
                        atOnce)
                .then()
                .block(PATIENCE.plusSeconds(seconds));
        servers.forEach(server -> server.disposeNow(PATIENCE));
        await("the release of all buffers", () -> bytesInUse() == 0);
        loops.disposeLater(Duration.ZERO, PATIENCE).block(PATIENCE);
        await(
                "the end of all event loops",
                () -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith(THREADS)));
        for (int i = 0; i < 5; i++) {
            System.gc();
            ByteBufAllocator.DEFAULT.directBuffer(16).release(); // a leak is reported now
        }
    }

    // ---- servers

    private DisposableServer server(
            LoopResources loops,
            Transport transport,
            Function<? super FramedConnection, ? extends Publisher<Void>> conversation) {
        TcpServer server = transport
                .server(loops)
                .option(ChannelOption.SO_BACKLOG, CONNECTIONS)
                .childOption(ChannelOption.ALLOCATOR, allocator);
        if (transport.isTls()) {
            server = server.secure(
                    spec -> spec.sslContext(Transport.Tls.server("TLSv1.3")).handshakeTimeout(PATIENCE));
        }
        return server.handle(FramedConnection.handler(
                        CODEC,
                        connection -> Mono.from(conversation.apply(connection)).doOnError(this::note)))
                .bindNow(PATIENCE);
    }

    private Flux<ByteBuffer> sentBack(FramedConnection connection) {
        return connection.receive().doOnNext(frame -> obey(connection, frame.remaining()));
    }

    private Flux<ByteBuf> passedBack(FramedConnection connection) {
        return connection.receiveBuffers().doOnNext(frame -> obey(connection, frame.readableBytes()));
    }

    private static void obey(FramedConnection connection, int frameLength) {
        if (frameLength == RESET_REQUEST) {
            reset(connection).subscribe();
        }
    }

    /** Truncations, resets and the closing of the server's own connection are what clients ask for. */
    private void note(Throwable error) {
        if (!(error instanceof TruncatedFrameException
                || error instanceof AbortedException
                || error instanceof ClosedChannelException
                || error instanceof IOException)) {
            unexpected.add(error);
        }
    }

    // ---- clients

    private TcpClient client(LoopResources loops, Transport transport, DisposableServer server) {
        TcpClient client = transport
                .client(loops, server.address())
                .option(ChannelOption.ALLOCATOR, allocator)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) PATIENCE.toMillis());
        return transport.isTls()
                ? client.secure(
                        spec -> spec.sslContext(Transport.Tls.client("TLSv1.3")).handshakeTimeout(PATIENCE))
                : client;
    }

    /** One connection, from its beginning to its end. */
    private Mono<Void> conversation(TcpClient client, Random random, Mono<Void> start) {
        Ending ending = oneOf(Ending.values(), random);
        Reading reading = oneOf(Reading.values(), random);
        List<ByteBuffer> sent = new ArrayList<>();
        for (int n = 1 + random.nextInt(8); n > 0; n--) {
            sent.add(frame(random, length(random)));
        }
        if (ending == Ending.RESET_BY_SERVER) {
            sent.add(frame(random, RESET_REQUEST));
        }
        int resetAt = random.nextInt(sent.size());
        Duration pause = Duration.ofMillis(random.nextInt(20));
        AtomicInteger acknowledged = new AtomicInteger();
        return FramedConnection.connect(client, CODEC, connection -> {
                    mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
                    mostDirect.accumulateAndGet(bytesInUse(), Math::max);
                    Flux<Integer> received =
                            acknowledged(connection, reading, sent).doOnNext(acknowledged::set);
                    if (ending == Ending.SLOWLY) {
                        received = received.concatMap(n -> Mono.delay(pause).thenReturn(n), 0);
                    } else if (ending == Ending.RESET_WHILE_RECEIVING) {
                        received = received.concatMap(
                                n -> n == resetAt + 1 ? reset(connection).thenReturn(n) : Mono.just(n), 0);
                    }
                    Mono<Void> sending = send(connection, sent).then(end(connection, ending));
                    return start.then(Mono.when(sending, received.then())).doFinally(signal -> open.decrementAndGet());
                })
                .onErrorComplete(error -> ending.isReset() && !(error instanceof AssertionError))
                .doOnSuccess(nothing -> {
                    if (!ending.isReset()) {
                        assertThat(acknowledged)
                                .as("acknowledged frames, %s, %s, of lengths %s", ending, reading, lengths(sent))
                                .hasValue(sent.size());
                    }
                    count(ending, sent.subList(0, acknowledged.get()));
                });
    }

    private static List<Integer> lengths(List<ByteBuffer> frames) {
        return frames.stream().map(ByteBuffer::remaining).toList();
    }

    private static <T> T oneOf(T[] values, Random random) {
        return values[random.nextInt(values.length)];
    }

    private static ByteBuffer frame(Random random, int length) {
        return ByteBuffer.wrap(BYTES, random.nextInt(LONGEST), length).slice();
    }

    /**
     * From nothing to 1 MiB, short ones as often as ones that are twice as long. Few are long, as both ends are in this
     * JVM, and each of them holds the frame that is under way.
     */
    private static int length(Random random) {
        int kind = random.nextInt(100);
        int length = kind < 2
                ? 0
                : kind == 2
                        ? LONGEST
                        : (int) Math.exp(random.nextDouble() * Math.log(kind < 8 ? LONGEST : LONGEST / 64));
        return length == RESET_REQUEST ? RESET_REQUEST + 1 : length;
    }

    /** One frame after the other: long ones in pieces. */
    private static Mono<Void> send(FramedConnection connection, List<ByteBuffer> frames) {
        return Flux.fromIterable(frames)
                .concatMap(frame -> frame.remaining() < PIECE
                        ? connection.send(Mono.just(frame))
                        : connection.sendParts(frame.remaining(), pieces(frame)))
                .then();
    }

    private static Flux<ByteBuffer> pieces(ByteBuffer frame) {
        int length = frame.remaining();
        return Flux.range(0, (length + PIECE - 1) / PIECE)
                .map(i -> frame.slice(i * PIECE, Math.min(PIECE, length - i * PIECE)));
    }

    /** How many frames have come back, each compared with what was sent. */
    private static Flux<Integer> acknowledged(FramedConnection connection, Reading reading, List<ByteBuffer> sent) {
        AtomicInteger n = new AtomicInteger();
        return switch (reading) {
            case KEPT ->
                connection.receive().map(frame -> {
                    check(sent.get(n.get()), 0, frame, true);
                    return n.incrementAndGet();
                });
            case LENT ->
                connection.receive(frame -> {
                    check(sent.get(n.get()), 0, frame, true);
                    return n.incrementAndGet();
                });
            case IN_PARTS ->
                connection
                        .receiveParts()
                        .doOnNext(part -> check(sent.get(n.get()), part.offset(), part.content(), part.last()))
                        .filter(FramePart::last)
                        .map(part -> n.incrementAndGet());
        };
    }

    private static void check(ByteBuffer sent, long offset, ByteBuffer part, boolean isLast) {
        long end = offset + part.remaining();
        if (end > sent.remaining() || isLast && end != sent.remaining()) {
            throw new AssertionError("a frame of " + sent.remaining() + " bytes came back with " + end);
        }
        int other = sent.slice((int) offset, part.remaining()).mismatch(part);
        if (other >= 0) {
            throw new AssertionError(
                    "a frame of " + sent.remaining() + " bytes came back other from byte " + (offset + other) + " on");
        }
    }

    private void count(Ending ending, List<ByteBuffer> acknowledged) {
        conversations.increment();
        frames.add(acknowledged.size());
        acknowledged.forEach(frame -> bytes.add(frame.remaining()));
        if (ending.isReset()) {
            resets.increment();
        } else if (ending == Ending.HALF_CLOSE_IN_FRAME) {
            halfCloses.increment();
        }
    }

    private static Mono<Void> end(FramedConnection connection, Ending ending) {
        return switch (ending) {
            case IN_ORDER, SLOWLY -> connection.shutdownOutput();
            case HALF_CLOSE_IN_FRAME -> partOfAFrame(connection).then(connection.shutdownOutput());
            case RESET_IN_FRAME -> partOfAFrame(connection).then(reset(connection));
            case RESET_WHILE_RECEIVING, RESET_BY_SERVER -> Mono.empty();
        };
    }

    /** A header, and less than it says. */
    private static Mono<Void> partOfAFrame(FramedConnection connection) {
        return Mono.create(done -> connection
                .channel()
                .writeAndFlush(Unpooled.wrappedBuffer(new byte[] {0, 1, 0, 0, 'x', 'y'}))
                .addListener(written -> done.success()));
    }

    private static Mono<Void> reset(FramedConnection connection) {
        Channel channel = connection.channel();
        return Mono.create(done -> channel.eventLoop().execute(() -> {
            if (channel.isActive()) {
                channel.config().setOption(ChannelOption.SO_LINGER, 0);
                channel.unsafe().close(channel.newPromise()); // with no close_notify before
            }
            done.success();
        }));
    }

    // ---- what is left

    private long bytesInUse() {
        return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
    }

    /**
     * Bytes of all objects that can be reached. What is used of the heap is more: a collection leaves gaps between
     * objects.
     */
    private static long heap() {
        try {
            String histogram = (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
            String total = histogram.substring(histogram.lastIndexOf("Total")).trim();
            return Long.parseLong(total.substring(total.lastIndexOf(' ') + 1));
        } catch (JMException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All direct memory, also that of the JDK and of Netty's default allocator. */
    private static long direct() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    private static void await(String what, BooleanSupplier condition) {
        boolean come = Boolean.TRUE.equals(Mono.delay(Duration.ofMillis(10))
                .repeat(() -> !condition.getAsBoolean())
                .then(Mono.just(true))
                .timeout(PATIENCE, Mono.just(false))
                .block());
        assertThat(come).as(what).isTrue();
    }
}
