package reactor.framing.netty;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.reactivestreams.Publisher;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.framing.FrameCodec;
import reactor.framing.format.LengthField;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpServer;

/**
 * What tests of connections have in common. After each test nothing may have been logged that the test did not expect,
 * and no byte of the allocator may be left in use; after each class no thread may be left and no leak have been
 * reported.
 */
@ExtendWith({NoBlocking.class, SelectedTransports.class})
abstract class ConnectionTester {

    /** This is not about time: a starved machine is no failure. */
    static final Duration SOON = Duration.ofSeconds(90);

    static final FrameCodec LENGTH4 = FrameCodec.of(LengthField.ofSize(4));

    /** Longer than {@link #SOON}: a conversation that only ends by it fails. */
    static final Patience LONG_PATIENCE =
            new Patience(Duration.ofHours(1), Duration.ofHours(1), Patience.USUAL.look(), Patience.USUAL.dropping());

    /** Short enough for a test. */
    static final Patience SHORT =
            new Patience(Duration.ofMillis(150), Duration.ofMillis(300), Duration.ofMillis(50), Duration.ofMillis(500));

    private static final ListAppender<ILoggingEvent> LEAKS = new ListAppender<>();
    private static final String THREADS = "connection-test";

    static LoopResources loops;

    final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    final List<Peer> peers = new CopyOnWriteArrayList<>();
    final List<Disposable> resources = new CopyOnWriteArrayList<>();

    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

    @BeforeAll
    static void start() {
        assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
        LEAKS.list.clear();
        LEAKS.start();
        ((Logger) LoggerFactory.getLogger(ResourceLeakDetector.class)).addAppender(LEAKS);
        loops = LoopResources.create(THREADS, 1, 2, true);
    }

    @AfterAll
    static void nothingIsLeft() {
        for (int i = 0; i < 5; i++) {
            System.gc();
            // a leak is reported when the next buffer is allocated
            ByteBufAllocator.DEFAULT.directBuffer(16).release();
        }
        ((Logger) LoggerFactory.getLogger(ResourceLeakDetector.class)).detachAppender(LEAKS);
        loops.disposeLater(Duration.ZERO, SOON).block(SOON);
        await("the end of all event loops", () -> threads().isEmpty());
        assertThat(LEAKS.list).as("leaks").isEmpty();
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith(THREADS))
                .toList();
    }

    @BeforeEach
    void captureLog() {
        logged.list = new CopyOnWriteArrayList<>();
        logged.start();
        root.addAppender(logged);
    }

    @AfterEach
    void cleanUp() throws InterruptedException {
        try {
            for (Peer peer : peers) {
                peer.finish();
            }
            resources.forEach(Disposable::dispose);
            for (Disposable resource : resources) {
                if (resource instanceof Connection connection) {
                    connection.onDispose().block(SOON);
                }
            }
            await("the release of all buffers", () -> bytesInUse() == 0);
        } finally {
            root.detachAppender(logged);
        }
    }

    long bytesInUse() {
        return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
    }

    /** What was logged at level warn or above, beside leaks. */
    List<String> warnings() {
        return logged.list.stream()
                .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .map(event -> event.getLevel() + " " + event.getLoggerName() + ": " + event.getFormattedMessage()
                        + (event.getThrowableProxy() == null
                                ? ""
                                : " / " + event.getThrowableProxy().getClassName() + ": "
                                        + event.getThrowableProxy().getMessage()))
                .toList();
    }

    // ---- both ends

    DisposableServer serve(
            Transport transport,
            Patience patience,
            Function<? super FramedConnection, ? extends Publisher<Void>> conversation) {
        return serve(transport, LENGTH4, patience, server -> server, conversation);
    }

    DisposableServer serve(
            Transport transport,
            FrameCodec codec,
            Patience patience,
            UnaryOperator<TcpServer> options,
            Function<? super FramedConnection, ? extends Publisher<Void>> conversation) {
        TcpServer server = transport
                .server(loops)
                .childOption(ChannelOption.ALLOCATOR, allocator)
                .doOnConnection(resources::add)
                .handle(FramedConnection.handler(codec, codec, conversation, patience));
        DisposableServer bound = options.apply(server).bindNow();
        resources.add(bound);
        return bound;
    }

    Peer connect(Transport transport, DisposableServer server) throws IOException {
        Peer peer = Peer.connect(transport, server.address());
        peers.add(peer);
        return peer;
    }

    // ---- frames

    /** A frame of 104 bytes on the wire, which tells its number. */
    static byte[] payload(int number) {
        byte[] payload = new byte[100];
        Arrays.fill(payload, (byte) (number * 31));
        ByteBuffer.wrap(payload).putInt(number);
        return payload;
    }

    /** Frames as they are on the wire. */
    static byte[] wire(int count) {
        ByteBuffer bytes = ByteBuffer.allocate(104 * count);
        for (int i = 0; i < count; i++) {
            bytes.putInt(100).put(payload(i));
        }
        return bytes.array();
    }

    /** The payloads of whole frames; fails if there is something else. */
    static List<ByteBuffer> unwire(byte[] bytes) {
        List<ByteBuffer> frames = new ArrayList<>();
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            int length = rest.remaining() < 4 ? -1 : rest.getInt();
            if (length < 0 || length > rest.remaining()) {
                throw new AssertionError("the bytes end inside frame " + frames.size());
            }
            frames.add(rest.slice(rest.position(), length));
            rest.position(rest.position() + length);
        }
        return frames;
    }

    static ByteBuffer frame(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(ByteBuffer frame) {
        return StandardCharsets.UTF_8.decode(frame.duplicate()).toString();
    }

    static byte[] wire(String... texts) {
        int length = 0;
        for (String text : texts) {
            length += 4 + text.length();
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        for (String text : texts) {
            bytes.putInt(text.length()).put(frame(text));
        }
        return bytes.array();
    }

    // ---- waiting

    static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(SOON.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static void await(String what, BooleanSupplier condition) {
        boolean come = Boolean.TRUE.equals(Mono.delay(Duration.ofMillis(2))
                .repeat(() -> !condition.getAsBoolean())
                .then(Mono.just(true))
                .timeout(SOON, Mono.just(false))
                .block());
        assertThat(come || condition.getAsBoolean()).as(what).isTrue();
    }

    /** Waits until a number has not changed for a while, as what makes it grow has to wait. */
    static void awaitRest(String what, IntSupplier number) {
        AtomicInteger last = new AtomicInteger();
        AtomicInteger unchanged = new AtomicInteger();
        await(what, () -> {
            int now = number.getAsInt();
            unchanged.set(last.getAndSet(now) == now ? unchanged.get() + 1 : 0);
            return unchanged.get() == 50;
        });
    }
}
