package reactor.framing.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.framing.FrameCodec;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameSink;
import reactor.framing.Framing;
import reactor.framing.format.Cobs;
import reactor.framing.format.LengthField;
import reactor.framing.format.Varint;
import reactor.netty.DisposableServer;
import reactor.netty.channel.AbortedException;

/** Sends beside each other, sends that are cancelled, and what is thrown in the middle of it. */
@Timeout(600)
class SendSituationsTest extends ConnectionTester {

    private static ByteBuffer filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return ByteBuffer.wrap(bytes);
    }

    private static void assertFilled(List<ByteBuffer> frames) {
        for (ByteBuffer frame : frames) {
            if (frame.hasRemaining()) {
                assertThat(frame).isEqualTo(filled(frame.remaining(), frame.get(frame.position())));
            }
        }
    }

    // ---- beside each other

    @ParameterizedTest
    @EnumSource
    void concurrentSendsFromSeveralThreads_framesAreWholeAndNoneStarves(Transport transport) throws Exception {
        int senders = 6;
        AtomicInteger finished = new AtomicInteger();
        DisposableServer server = serve(
                transport,
                LONG_PATIENCE,
                connection -> Flux.range(1, senders)
                        .flatMap(
                                sender -> connection
                                        .send(Flux.range(0, 100)
                                                .map(i -> filled(i % 10 == 0 ? 200_000 : i * 100, sender))
                                                .subscribeOn(Schedulers.boundedElastic()))
                                        .doOnSuccess(v -> finished.incrementAndGet()),
                                senders)
                        .then());
        Peer peer = connect(transport, server).readAll();

        List<ByteBuffer> frames = unwire(peer.received(SOON).bytes());

        assertThat(frames).hasSize(senders * 100);
        assertFilled(frames);
        assertThat(finished).hasValue(senders);
        assertThat(warnings()).isEmpty();
    }

    /** Blocking work that was moved to a scheduler stays there: it is not done where the queue before it is polled. */
    @Test
    void workBehindAChangeOfThreads_isNotDoneOnTheEventLoop() throws Exception {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        DisposableServer server = serve(
                Transport.EPOLL,
                LONG_PATIENCE,
                connection -> connection.send(Flux.range(0, 300)
                        .publishOn(Schedulers.boundedElastic())
                        .map(i -> {
                            threads.add(Thread.currentThread().getName().replaceAll("-\\d+$", ""));
                            return filled(100, i);
                        })));
        byte[] wire = connect(Transport.EPOLL, server).readAll().received(SOON).bytes();

        assertThat(unwire(wire)).hasSize(300);
        assertThat(threads).containsExactly("boundedElastic");
    }

    enum Endless {
        SYNCHRONOUS {
            @Override
            Flux<ByteBuffer> frames() {
                return Flux.<ByteBuffer>generate(sink -> sink.next(filled(64, 'e')));
            }
        },
        UNFUSED {
            @Override
            Flux<ByteBuffer> frames() {
                return SYNCHRONOUS.frames().hide();
            }
        },
        OTHER_THREAD {
            @Override
            Flux<ByteBuffer> frames() {
                return SYNCHRONOUS.frames().subscribeOn(Schedulers.boundedElastic());
            }
        },
        PUBLISHED_ON {
            @Override
            Flux<ByteBuffer> frames() {
                return SYNCHRONOUS.frames().publishOn(Schedulers.parallel());
            }
        },
        LONG {
            @Override
            Flux<ByteBuffer> frames() {
                return Flux.<ByteBuffer>generate(sink -> sink.next(filled(1 << 20, 'e')));
            }
        };

        abstract Flux<ByteBuffer> frames();
    }

    @ParameterizedTest
    @EnumSource
    void endlessSend_doesNotBlockOthers(Endless endless) throws Exception {
        for (Transport transport : List.of(Transport.EPOLL, Transport.NIO, Transport.TLS13)) {
            Sinks.Empty<Void> othersSent = Sinks.empty();
            DisposableServer server = serve(transport, SHORT, connection -> {
                Mono<Void> others = Flux.range(0, 50)
                        .concatMap(i -> connection.send(Mono.just(filled(100, 'o'))))
                        .then()
                        .doOnSuccess(v -> othersSent.tryEmitEmpty());
                return Mono.when(connection.send(endless.frames()), others);
            });
            Peer peer = connect(transport, server).drain();

            Boolean sent = othersSent
                    .asMono()
                    .thenReturn(true)
                    .timeout(SOON, Mono.just(false))
                    .block();

            assertThat(sent).as(transport.toString()).isTrue();
            peer.close();
        }
    }

    @Test
    void endlessSendOfOneConnection_othersOfTheEventLoopAreAnswered() throws Exception {
        DisposableServer server = serve(
                Transport.EPOLL,
                SHORT,
                connection -> connection
                        .next()
                        .flatMap(first -> text(first).equals("endless")
                                ? connection.send(Endless.SYNCHRONOUS.frames())
                                : connection.send(Flux.just(first).concatWith(connection.receive()))));
        List<Peer> endless = new ArrayList<>();
        for (int i = 0; i < 4; i++) { // on each event loop
            Peer peer = connect(Transport.EPOLL, server);
            peer.write(wire("endless"));
            peer.readNBytes(1000);
            endless.add(peer.drain());
        }
        Peer asking = connect(Transport.EPOLL, server);
        long[] nanos = new long[200];
        for (int i = 0; i < nanos.length; i++) {
            long start = System.nanoTime();
            asking.write(wire("ping"));
            assertThat(asking.readNBytes(8)).isEqualTo(wire("ping"));
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);

        System.out.printf("ping beside endless sends: median %d us, p99 %d us%n", nanos[100] / 1000, nanos[197] / 1000);
        assertThat(nanos[100]).isLessThan(Duration.ofMillis(500).toNanos());
        for (Peer peer : endless) {
            peer.close();
        }
    }

    static List<Framing> framingsOfMessages() {
        return List.of(
                LengthField.ofSize(4),
                LengthField.ofSize(4).counts(LengthField.Counts.WHOLE_FRAME).keepHeader(),
                Varint.leb128(),
                Cobs.create());
    }

    /** Lengths at which a message fits, or not, into the first buffer, a larger one, one at all, or what is left. */
    @ParameterizedTest
    @MethodSource("framingsOfMessages")
    void messagesOfAnyLength_areWrittenWhereTheyGo(Framing framing) throws Exception {
        boolean hasHeader = framing.toString().contains("keepHeader");
        List<Integer> lengths = IntStream.of(
                        0, 4, 1015, 1020, 1024, 5, 65_000, 65_536, 66_550, 66_560, 70_000, 9, 200_000)
                .flatMap(length -> IntStream.of(length, length + 1, 7))
                .map(length -> hasHeader ? length + 4 : length)
                .boxed()
                .toList();
        AtomicInteger calls = new AtomicInteger();
        FrameCodec codec = FrameCodec.of(framing);
        DisposableServer server = serve(
                Transport.EPOLL,
                codec,
                LONG_PATIENCE,
                options -> options,
                connection -> connection.send(Flux.fromIterable(lengths), (length, buffer) -> {
                    calls.incrementAndGet();
                    assertThat(buffer.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
                    byte[] message = filled(length, length).array();
                    if (hasHeader) {
                        ByteBuffer.wrap(message).putInt(length);
                    }
                    buffer.put(message);
                }));

        byte[] wire = connect(Transport.EPOLL, server).readAll().received(SOON).bytes();

        List<ByteBuffer> frames =
                codec.decode(Flux.just(ByteBuffer.wrap(wire))).collectList().block();
        assertThat(frames.stream().map(ByteBuffer::remaining)).isEqualTo(lengths);
        assertFilled(frames.stream()
                .map(frame -> hasHeader ? frame.slice(4, frame.remaining() - 4) : frame)
                .toList());
        assertThat(calls.get()).isLessThan(20 * lengths.size());
        assertThat(warnings()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void framesAndSendsThatAreEmpty_arriveAsSuch(Transport transport) throws Exception {
        ByteBuffer nothing = ByteBuffer.allocate(0);
        DisposableServer server = serve(
                transport,
                LONG_PATIENCE,
                connection -> connection
                        .send(Flux.empty())
                        .then(connection.send(Flux.range(0, 1000).map(i -> nothing)))
                        .then(connection.send(
                                Flux.range(0, 1000).map(i -> nothing).hide()))
                        .then(connection.send(Mono.empty()))
                        .then(connection.send(Flux.just("", "last"), (text, target) -> target.put(frame(text)))));
        Peer peer = connect(transport, server).readAll();

        List<ByteBuffer> frames = unwire(peer.received(SOON).bytes());

        assertThat(frames).hasSize(2002);
        assertThat(frames.subList(0, 2001)).containsOnly(nothing);
        assertThat(text(frames.get(2001))).isEqualTo("last");
    }

    /** A framing of which an empty frame has no byte on the wire. */
    @Test
    void framesWithoutAByteOnTheWire_completeTheSend() throws Exception {
        FrameCodec raw = FrameCodec.of(framing(sink -> false, (frame, target) -> target.put(frame.duplicate())));
        Sinks.Empty<Void> sent = Sinks.empty();
        DisposableServer server = serve(
                Transport.EPOLL,
                raw,
                LONG_PATIENCE,
                s -> s,
                connection -> connection
                        .send(Flux.range(0, 1000).map(i -> ByteBuffer.allocate(0)))
                        .doOnSuccess(v -> sent.tryEmitEmpty()));
        Peer peer = connect(Transport.EPOLL, server).readAll();

        sent.asMono().block(SOON);
        assertThat(peer.received(SOON).bytes()).isEmpty();
    }

    /** Its bytes go to the channel by themselves, so that nothing is left in the packed buffer when the turn ends. */
    @ParameterizedTest
    @EnumSource
    void longBufferThatComesFromTheEventLoop_leavesAtOnce(Transport transport) throws Exception {
        DisposableServer server = serve(transport, LONG_PATIENCE, connection -> {
            Sinks.Many<ByteBuf> source = Sinks.many().unicast().onBackpressureBuffer();
            Mono<Void> sending = connection.sendBuffers(source.asFlux().hide());
            connection
                    .channel()
                    .eventLoop()
                    .schedule(
                            () -> source.tryEmitNext(Unpooled.wrappedBuffer(filled(10_000, 'l'))),
                            50,
                            TimeUnit.MILLISECONDS);
            return sending;
        });
        Peer peer = connect(transport, server);

        byte[] received = peer.readNBytes(4 + 10_000);

        assertThat(unwire(received)).containsExactly(filled(10_000, 'l'));
        peer.close();
    }

    /** The cancel comes between the look at it and the place in the queue, which it has emptied by then. */
    @Test
    void frameThatComesWhileItsSendIsCancelled_isReleased() throws Exception {
        AtomicReference<@Nullable Disposable> sending = new AtomicReference<>();
        ByteBuf frame = new UnpooledHeapByteBuf(UnpooledByteBufAllocator.DEFAULT, 10, 10) {
            @Override
            public int readableBytes() {
                Disposable send = sending.getAndSet(null);
                if (send != null) {
                    send.dispose();
                }
                return super.readableBytes();
            }
        };
        Sinks.Empty<Void> emitted = Sinks.empty();
        DisposableServer server = serve(Transport.EPOLL, LONG_PATIENCE, connection -> {
            Sinks.Many<ByteBuf> source = Sinks.many().unicast().onBackpressureBuffer();
            sending.set(connection.sendBuffers(source.asFlux().hide()).subscribe());
            connection.channel().eventLoop().execute(() -> {
                source.tryEmitNext(frame.writerIndex(10));
                emitted.tryEmitEmpty();
            });
            return connection.receive().then();
        });
        connect(Transport.EPOLL, server);

        emitted.asMono().block(SOON);

        await("the release of the frame", () -> frame.refCnt() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void sendThatIsCancelledByAnotherOnesSource_doesNotHoldUpTheThird(Transport transport) throws Exception {
        DisposableServer server = serve(transport, LONG_PATIENCE, connection -> {
            Sinks.Empty<Void> stop = Sinks.empty();
            Mono<Void> first = connection.send(Flux.<ByteBuffer>generate(sink -> {
                        stop.tryEmitEmpty();
                        sink.next(filled(10, 'c'));
                    })
                    .take(3)
                    .concatWith(Mono.never()));
            return Mono.when(Mono.firstWithSignal(first, stop.asMono()), connection.send(Mono.just(filled(10, 't'))));
        });
        Peer peer = connect(transport, server).readAll();

        List<ByteBuffer> frames = unwire(peer.received(SOON).bytes());

        assertThat(frames).contains(filled(10, 't'));
    }

    // ---- how much is under way

    @ParameterizedTest
    @EnumSource
    void oneLongFrameToAPeerThatDoesNotRead_windowIsKept(Transport transport) throws Exception {
        AtomicLong peak = new AtomicLong();
        DisposableServer server = serve(
                transport,
                LENGTH4.maxFrameLength(64 << 20),
                SHORT,
                s -> s,
                connection -> connection.send(Mono.just(filled(64 << 20, 1))));
        Peer peer = connect(transport, server);
        peer.readNBytes(1);

        Flux.interval(Duration.ofMillis(1))
                .take(500)
                .doOnNext(i -> peak.accumulateAndGet(bytesInUse(), Math::max))
                .blockLast(SOON);

        System.out.println("one frame of 64 MiB, " + transport + ": " + (peak.get() >> 10) + " KiB in use at most");
        // and as much for the records of TLS
        assertThat(peak.get()).isLessThan(transport.isTls() ? 512 << 10 : 256 << 10);
        peer.close();
    }

    /**
     * Behind a frame of nearly 64 KiB there is room for another one, but not for the longest that a buffer takes. What
     * was sent first decides which of them the socket stops at.
     */
    @ParameterizedTest
    @ValueSource(ints = {0, 20_000, 40_000, 60_000, 80_000, 100_000})
    void framesAsLongAsABufferToAPeerThatDoesNotRead_eventLoopGoesOn(int first) throws Exception {
        AtomicInteger taken = new AtomicInteger();
        Sinks.One<FramedConnection> served = Sinks.one();
        DisposableServer server = serve(Transport.EPOLL, LONG_PATIENCE, connection -> {
            served.tryEmitValue(connection);
            return connection.send(Flux.<ByteBuffer>generate(sink -> {
                int i = taken.getAndIncrement();
                sink.next(filled(i == 0 ? first : i % 2 == 0 ? 65_000 : PackedBuffer.LARGEST - 4, 'e'));
            }));
        });
        connect(Transport.EPOLL, server);
        FramedConnection connection = served.asMono().block(SOON);
        awaitRest("a full socket", taken::get);

        connection.channel().eventLoop().submit(() -> {}).get(SOON.toMillis(), TimeUnit.MILLISECONDS);
        connection.connection().dispose();
    }

    @ParameterizedTest
    @EnumSource
    void manySendsToAPeerThatDoesNotRead_windowIsKept(Transport transport) throws Exception {
        AtomicLong peak = new AtomicLong();
        DisposableServer server = serve(
                transport,
                LENGTH4,
                SHORT,
                s -> s,
                connection -> Flux.range(0, 20)
                        .flatMap(
                                i -> connection.send(Flux.<ByteBuffer>generate(
                                        sink -> sink.next(filled(100_000 * (1 + i % 3), i)))),
                                20)
                        .then());
        Peer peer = connect(transport, server);
        peer.readNBytes(1);

        Flux.interval(Duration.ofMillis(1))
                .take(500)
                .doOnNext(i -> peak.accumulateAndGet(bytesInUse(), Math::max))
                .blockLast(SOON);

        System.out.println("twenty sends, " + transport + ": " + (peak.get() >> 10) + " KiB in use at most");
        assertThat(peak.get()).isLessThan(transport.isTls() ? 512 << 10 : 256 << 10);
        peer.close();
    }

    // ---- cancelled, shut

    /** Its bytes go to the channel themselves: what the window is made of is what the channel holds. */
    @Test
    void longBufferToAPeerThatDoesNotRead_windowIsKept() throws Exception {
        AtomicReference<Channel> channel = new AtomicReference<>();
        AtomicLong peak = new AtomicLong();
        DisposableServer server =
                serve(Transport.EPOLL, LENGTH4.maxFrameLength(64 << 20), SHORT, s -> s, connection -> {
                    channel.set(connection.channel());
                    return connection.sendBuffers(Mono.just(Unpooled.wrappedBuffer(filled(64 << 20, 1))));
                });
        Peer peer = connect(Transport.EPOLL, server);
        peer.readNBytes(1);

        Flux.interval(Duration.ofMillis(1))
                .take(200)
                .doOnNext(i -> {
                    ChannelOutboundBuffer written = channel.get().unsafe().outboundBuffer();
                    peak.accumulateAndGet(written == null ? 0 : written.totalPendingWriteBytes(), Math::max);
                })
                .blockLast(SOON);

        assertThat(peak.get()).isPositive().isLessThan(256 << 10);
        peer.close();
    }

    @Test
    void fastSourceOnAnotherThreadAndAPeerThatDoesNotRead_sourceIsHeldBack() throws Exception {
        AtomicLong produced = new AtomicLong();
        Flux<ByteBuffer> source = Flux.<ByteBuffer>generate(sink -> sink.next(filled(1000, 1)))
                .take(100_000)
                .doOnNext(frame -> produced.addAndGet(1000))
                .hide()
                .subscribeOn(Schedulers.boundedElastic());
        DisposableServer server = serve(Transport.EPOLL, LENGTH4, SHORT, s -> s, connection -> connection.send(source));
        Peer peer = connect(Transport.EPOLL, server);
        peer.readNBytes(1);

        Flux.interval(Duration.ofMillis(1)).take(500).blockLast(SOON);

        // what the two sockets take is some megabytes at most
        assertThat(produced.get()).isPositive().isLessThan(30 << 20);
        peer.close();
    }

    @ParameterizedTest
    @EnumSource
    void cancelInsideALongFrame_frameIsWrittenToItsEndAndOthersFollow(Transport transport) throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        DisposableServer server =
                serve(transport, LENGTH4.maxFrameLength(32 << 20), LONG_PATIENCE, s -> s, connection -> {
                    Disposable send = connection
                            .send(Flux.range(1, 10).map(i -> filled(16 << 20, i)))
                            .subscribe();
                    return connection
                            .next() // has arrived when the first frame is on its way
                            .doOnNext(frame -> send.dispose())
                            .doOnNext(frame -> cancelled.countDown())
                            .then(connection.send(Mono.just(filled(3, 99))));
                });
        Peer peer = connect(transport, server);
        byte[] start = peer.readNBytes(100_000);
        peer.write(wire("stop"));
        await(cancelled);

        peer.readAll();
        byte[] rest = peer.received(SOON).bytes();

        ByteBuffer all =
                ByteBuffer.allocate(start.length + rest.length).put(start).put(rest);
        List<ByteBuffer> frames = unwire(all.array());
        assertFilled(frames);
        assertThat(frames.size()).isBetween(2, 3);
        assertThat(frames.get(frames.size() - 1)).isEqualTo(filled(3, 99));
    }

    @ParameterizedTest
    @EnumSource
    void outputIsShutWhileSendsAreUnderWay_theyAreSentFirst(Transport transport) throws Exception {
        AtomicReference<@Nullable Throwable> late = new AtomicReference<>();
        Sinks.Empty<Void> shut = Sinks.empty();
        DisposableServer server = serve(transport, LONG_PATIENCE, connection -> {
            Mono<Void> sends = Mono.when(
                    connection.send(Flux.range(0, 100).map(i -> filled(100_000, i))),
                    connection.send(Flux.range(0, 20).map(i -> filled(10, i)).delayElements(Duration.ofMillis(5))));
            Mono<Void> shutdown = connection.shutdownOutput().doOnSuccess(v -> shut.tryEmitEmpty());
            Mono<Void> sendAfterwards = connection
                    .send(Mono.just(filled(1, 'x')))
                    .doOnError(late::set)
                    .onErrorComplete();
            return Mono.when(sends, shutdown, sendAfterwards)
                    .then(connection.receive().then());
        });
        Peer peer = connect(transport, server).readAll();

        List<ByteBuffer> frames = unwire(peer.received(SOON).bytes());
        shut.asMono().block(SOON);

        assertThat(frames).hasSize(120);
        assertFilled(frames);
        assertThat(late.get()).isInstanceOf(AbortedException.class).hasMessageContaining("shut down");
        assertThat(warnings()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void outputIsShutTwice_bothComplete(Transport transport) throws Exception {
        Sinks.One<String> shut = Sinks.one();
        DisposableServer server = serve(
                transport,
                LONG_PATIENCE,
                connection -> connection
                        .shutdownOutput()
                        .then(connection.shutdownOutput())
                        .doOnSuccess(v -> shut.tryEmitValue("completion"))
                        .doOnError(e -> shut.tryEmitValue(e.toString()))
                        .onErrorComplete());
        connect(transport, server).readAll();

        assertThat(shut.asMono().block(SOON)).isEqualTo("completion");
    }

    @ParameterizedTest
    @EnumSource
    void outputIsShutWhenASendHasBeenCancelled_peerSeesWholeFramesOnly(Transport transport) throws Exception {
        cancelledSend_peerSeesWholeFramesOnly(
                transport,
                (connection, send) -> connection
                        .next()
                        .doOnNext(frame -> send.dispose())
                        .then(connection.shutdownOutput())
                        .then(connection.receive().then()));
    }

    @ParameterizedTest
    @EnumSource
    void sendIsCancelledWhenTheOutputIsToBeShut_peerSeesWholeFramesOnly(Transport transport) throws Exception {
        cancelledSend_peerSeesWholeFramesOnly(
                transport,
                (connection, send) -> Mono.when(
                        connection.shutdownOutput(),
                        connection.receive().doOnNext(frame -> send.dispose()).then()));
    }

    private void cancelledSend_peerSeesWholeFramesOnly(
            Transport transport, BiFunction<FramedConnection, Disposable, Mono<Void>> conversation) throws Exception {
        AtomicInteger taken = new AtomicInteger();
        DisposableServer server = serve(transport, LONG_PATIENCE, connection -> {
            Disposable send = connection
                    .send(Flux.range(0, 4096).doOnNext(taken::set).map(i -> filled(16 * 1024 - 7, i)))
                    .subscribe();
            return conversation.apply(connection, send);
        });
        Peer peer = connect(transport, server);
        byte[] start = peer.readNBytes(4 + 16 * 1024 - 7);
        awaitRest("a full socket", taken::get);
        peer.write(wire("stop"));
        peer.readAll();

        Peer.Received received = peer.received(SOON);
        assertThat(start).hasSize(4 + 16 * 1024 - 7);
        assertThat(received.failure()).isNull();
        assertThat(unwire(received.bytes())).isNotEmpty();
    }

    // ---- what is thrown

    /** LengthField of four bytes, but for what is given. */
    private static Framing framing(
            @Nullable Function<FrameSink, Boolean> decode, @Nullable BiConsumer<ByteBuffer, ByteBuffer> encode) {
        return new Framing() {
            @Override
            public FrameDecoder newDecoder() {
                FrameDecoder usual = LengthField.ofSize(4).newDecoder();
                return decode == null ? usual : (chunk, frame) -> decode.apply(frame);
            }

            @Override
            public FrameEncoder newEncoder() {
                FrameEncoder usual = LengthField.ofSize(4).newEncoder();
                return encode == null
                        ? usual
                        : new FrameEncoder() {
                            @Override
                            public int encodedLength(ByteBuffer frame) {
                                return 4 + frame.remaining();
                            }

                            @Override
                            public void encode(ByteBuffer frame, ByteBuffer target) {
                                encode.accept(frame, target);
                            }
                        };
            }
        };
    }

    enum Thrown {
        OUT_OF_MEMORY {
            @Override
            Throwable create() {
                return new OutOfMemoryError("of a test");
            }
        },
        STACK_OVERFLOW {
            @Override
            Throwable create() {
                return new StackOverflowError("of a test");
            }
        },
        NO_CLASS {
            @Override
            Throwable create() {
                return new NoClassDefFoundError("of a test");
            }
        },
        ASSERTION {
            @Override
            Throwable create() {
                return new AssertionError("of a test");
            }
        };

        abstract Throwable create();

        <T> T now() {
            return sneaky(create());
        }

        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
        private static <T, E extends Throwable> T sneaky(Throwable t) throws E {
            throw (E) t;
        }
    }

    /** Where something is thrown: in the second frame of a connection. */
    enum Where {
        DECODER {
            @Override
            FrameCodec codec(Thrown thrown) {
                return FrameCodec.of(framing(sink -> thrown.now(), null));
            }

            @Override
            Mono<Void> converse(FramedConnection connection, Thrown thrown) {
                return connection.receive().then();
            }
        },
        READER {
            @Override
            Mono<Void> converse(FramedConnection connection, Thrown thrown) {
                return connection.receive(frame -> thrown.now()).then();
            }
        },
        READER_ON_DEMAND_FROM_ELSEWHERE {
            @Override
            Mono<Void> converse(FramedConnection connection, Thrown thrown) {
                return connection
                        .receive(frame -> text(frame).equals("second") ? thrown.<String>now() : "first")
                        .publishOn(Schedulers.parallel(), 1)
                        .then();
            }
        },
        OPERATOR_BEHIND_RECEIVE {
            @Override
            Mono<Void> converse(FramedConnection connection, Thrown thrown) {
                return connection.receive().map(frame -> thrown.now()).then();
            }
        },
        OPERATOR_BEHIND_NEXT {
            @Override
            Mono<Void> converse(FramedConnection connection, Thrown thrown) {
                return connection.next().map(frame -> thrown.now()).then();
            }
        },
        ANSWER {
            @Override
            Mono<Void> converse(FramedConnection connection, Thrown thrown) {
                return connection.send(connection.receive().map(frame -> thrown.now()));
            }
        },
        ENCODER {
            @Override
            FrameCodec codec(Thrown thrown) {
                return FrameCodec.of(framing(null, (frame, target) -> thrown.now()));
            }

            @Override
            Mono<Void> converse(FramedConnection connection, Thrown thrown) {
                return connection.send(connection.receive());
            }
        },
        WRITER {
            @Override
            Mono<Void> converse(FramedConnection connection, Thrown thrown) {
                return connection.send(connection.receive(), (frame, target) -> thrown.now());
            }
        },
        SOURCE_OF_A_SEND {
            @Override
            Mono<Void> converse(FramedConnection connection, Thrown thrown) {
                return connection.next().then(connection.send(Flux.generate(sink -> thrown.now())));
            }
        },
        CONVERSATION {
            @Override
            Mono<Void> converse(FramedConnection connection, Thrown thrown) {
                return thrown.now();
            }
        };

        FrameCodec codec(Thrown thrown) {
            return LENGTH4;
        }

        abstract Mono<Void> converse(FramedConnection connection, Thrown thrown);
    }

    /** A connection in whose conversation something is thrown, beside one of another server on the same event loops. */
    private final class Thrower {

        private final String situation;
        private final Sinks.One<FramedConnection> served = Sinks.one();
        private final Sinks.Empty<Void> released = Sinks.empty();
        private final Peer other;

        Thrower(Where where, Thrown thrown, Transport transport) throws IOException {
            situation = where + ", " + thrown + ", " + transport;
            DisposableServer healthy =
                    serve(transport, LONG_PATIENCE, connection -> connection.send(connection.receive()));
            DisposableServer server = serve(transport, where.codec(thrown), SHORT, s -> s, connection -> {
                served.tryEmitValue(connection);
                // what a conversation holds has to be given back
                return Mono.using(
                        () -> "resource",
                        resource -> where.converse(connection, thrown),
                        resource -> released.tryEmitEmpty());
            });
            other = connect(transport, healthy);
            Peer peer = connect(transport, server);
            try {
                peer.write(wire("first", "second", "third"));
            } catch (IOException e) {
                // closed at once
            }
        }

        void check() throws IOException {
            assertThat(soon(released.asMono()))
                    .as(situation + ": the conversation has ended")
                    .isTrue();
            assertThat(soon(served.asMono().block(SOON).connection().onDispose()))
                    .as(situation + ": the connection is closed")
                    .isTrue();
            other.write(wire("ping"));
            assertThat(other.readNBytes(8)).as(situation).isEqualTo(wire("ping"));
        }

        private static boolean soon(Mono<Void> signal) {
            return Boolean.TRUE.equals(
                    signal.thenReturn(true).timeout(SOON, Mono.just(false)).block());
        }
    }

    @ParameterizedTest
    @EnumSource
    void somethingIsThrown_conversationEndsAndOthersGoOn(Where where) throws Exception {
        List<Thrower> all = new ArrayList<>(); // at once, as each connection stays for a while
        for (Transport transport : List.of(Transport.EPOLL, Transport.NIO, Transport.TLS13)) {
            for (Thrown thrown : Thrown.values()) {
                all.add(new Thrower(where, thrown, transport));
            }
        }
        for (Thrower thrower : all) {
            thrower.check();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 40_000})
    void encoderThrowsInTheMiddleOfAFrame_framesOfOthersAreWhole(int length) throws Exception {
        FrameCodec codec = FrameCodec.of(framing(null, (frame, target) -> {
            target.putInt(frame.remaining());
            if (frame.get(0) == 'x') {
                target.put((byte) 'x');
                throw new IllegalStateException("in the middle");
            }
            target.put(frame.duplicate());
        }));
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        DisposableServer server = serve(
                Transport.EPOLL,
                codec,
                LONG_PATIENCE,
                s -> s,
                connection -> connection
                        .send(Flux.just(filled(length, 'a'), filled(length, 'x'), filled(length, 'a')))
                        .doOnError(failure::set)
                        .onErrorComplete()
                        .then(connection.send(Mono.just(filled(length, 'b')))));
        Peer peer = connect(Transport.EPOLL, server).readAll();

        List<ByteBuffer> frames = unwire(peer.received(SOON).bytes());

        assertThat(failure.get()).hasMessage("in the middle");
        assertThat(frames).containsExactly(filled(length, 'a'), filled(length, 'b'));
    }

    /** Fails when it is told to. */
    private static final class FailingAllocator extends AbstractByteBufAllocator {

        private final AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);

        FailingAllocator() {
            super(true);
        }

        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            return UnpooledByteBufAllocator.DEFAULT.heapBuffer(initialCapacity, maxCapacity);
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            if (left.decrementAndGet() < 0) {
                throw new OutOfMemoryError("Direct buffer memory, of a test");
            }
            return UnpooledByteBufAllocator.DEFAULT.directBuffer(initialCapacity, maxCapacity);
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "NIO", "TLS13"})
    void noMemoryInTheMiddleOfALongFrame_peerNeverSeesAnotherFrameInside(Transport transport) throws Exception {
        FailingAllocator failing = new FailingAllocator();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        DisposableServer server = serve(
                transport,
                LENGTH4,
                SHORT,
                s -> s.childOption(ChannelOption.ALLOCATOR, failing),
                connection -> connection
                        .next()
                        .doOnNext(frame -> failing.left.set(6))
                        .then(connection
                                .send(Mono.just(filled(1 << 20, 'a')))
                                .doOnError(failure::set)
                                .doOnTerminate(() -> failing.left.set(Integer.MAX_VALUE))
                                .onErrorComplete())
                        .then(connection.send(Mono.just(filled(100, 'b')))));
        Peer peer = connect(transport, server).readAll();
        peer.write(wire("go"));

        byte[] received = peer.received(SOON).bytes();

        await("the failure of the send", () -> failure.get() != null);
        Set<Byte> values = new TreeSet<>();
        for (int i = 4; i < received.length; i++) {
            values.add(received[i]);
        }
        assertThat(values).as("bytes behind the header").isSubsetOf((byte) 'a');
    }

    @Test
    void noMemoryForAFrame_framesBeforeItAndOfOthersArrive() throws Exception {
        FailingAllocator failing = new FailingAllocator();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        UnaryOperator<ByteBuffer> failNow = frame -> {
            failing.left.set(0);
            return frame;
        };
        DisposableServer server = serve(
                Transport.EPOLL,
                LENGTH4,
                SHORT,
                s -> s.childOption(ChannelOption.ALLOCATOR, failing),
                connection -> connection
                        .send(Flux.just(filled(100, 'a'), filled(60_000, 'x'))
                                .map(frame -> frame.remaining() == 100 ? frame : failNow.apply(frame)))
                        .doOnError(failure::set)
                        .doOnTerminate(() -> failing.left.set(Integer.MAX_VALUE))
                        .onErrorComplete()
                        .then(connection.send(Mono.just(filled(100, 'b')))));
        Peer peer = connect(Transport.EPOLL, server).readAll();

        List<ByteBuffer> frames = unwire(peer.received(SOON).bytes());

        assertThat(failure.get()).isInstanceOf(OutOfMemoryError.class);
        assertThat(frames).containsExactly(filled(100, 'a'), filled(100, 'b'));
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "NIO"})
    void sourceThatSignalsFromAnotherThreadAfterTheClose_endsInAnAbort(Transport transport) throws Exception {
        Sinks.Many<ByteBuffer> source = Sinks.many().unicast().onBackpressureBuffer();
        Sinks.One<Object> sent = Sinks.one();
        DisposableServer server = serve(
                transport,
                SHORT,
                connection -> connection
                        .send(source.asFlux())
                        .doOnSuccess(v -> sent.tryEmitValue("completion"))
                        .doOnError(sent::tryEmitValue));
        Peer peer = connect(transport, server);
        source.tryEmitNext(frame("a"));
        peer.readNBytes(5);
        peer.reset();

        Disposable ticks = Flux.interval(Duration.ofMillis(1)).subscribe(i -> source.tryEmitNext(frame("tick")));
        Object end = sent.asMono().timeout(SOON, Mono.just("nothing")).block();
        ticks.dispose();

        assertThat(end).isInstanceOf(AbortedException.class);
    }
}
