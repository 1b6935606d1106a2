package reactor.framing.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.framing.FrameCodec;
import reactor.framing.FramePart;
import reactor.framing.FrameStream;
import reactor.netty.Connection;
import reactor.netty.NettyInbound;
import reactor.netty.NettyOutbound;
import reactor.netty.channel.AbortedException;
import reactor.netty.tcp.SslProvider;
import reactor.netty.tcp.TcpClient;

/**
 * A connection of Reactor Netty that carries frames.
 *
 * <pre>{@code
 * FrameCodec codec = FrameCodec.of(LengthField.ofSize(4)).maxFrameLength(1 << 20);
 *
 * TcpServer.create().port(7000)
 *          .handle(FramedConnection.handler(
 *                  codec, connection -> connection.send(connection.receive().map(App::reply))))
 *          .bindNow();
 * }</pre>
 *
 * <p>What arrives is one stream of frames. {@link #receive()}, {@link #receive(Function)}, {@link #receiveParts()} and
 * {@link #next()} read it one after the other: each goes on where the one before it was cancelled. A frame is cut when
 * it is asked for, and the socket is read when a frame is wanted that is not there, so that a slow subscriber slows the
 * peer down. When nobody has read for a second, up to 64 KiB are read ahead, to see whether the peer is still there.
 *
 * <h2>Ends</h2>
 *
 * <table>
 * <caption>How {@code receive()} and {@code send()} end</caption>
 * <tr><th>what happens</th><th>{@code receive()}</th><th>{@code send()}</th></tr>
 * <tr><td>the peer shuts its output (FIN, TLS close_notify)</td>
 *     <td>completes, or {@link reactor.framing.TruncatedFrameException} inside a frame</td><td>goes on</td></tr>
 * <tr><td>the connection is reset, a timeout handler throws</td><td>that exception</td>
 *     <td>{@link AbortedException} with that cause</td></tr>
 * <tr><td>a write fails</td><td>goes on to its own end; that is the reset, if the write has seen one</td>
 *     <td>{@link AbortedException} with the cause</td></tr>
 * <tr><td>the connection is closed here</td><td>{@link AbortedException}, at once</td>
 *     <td>{@link AbortedException}, at once</td></tr>
 * </table>
 *
 * <p>Everything that arrived before an end is delivered before it, on demand; except when the connection is closed
 * here.
 *
 * <p>When the peer is gone, a send that fails would keep what has arrived from being worked on, in
 * {@code receive().concatMap(frame -> work(frame).then(send(answer)))} for instance. So as long as somebody reads, and
 * for 5 seconds after that, frames are dropped instead: a send of which a part had been written, and of which later
 * frames are dropped, fails at the end of its source; other sends complete.
 *
 * <p>The channel's options {@code ALLOW_HALF_CLOSURE} and {@code AUTO_CLOSE} are set for this, and Reactor Netty's
 * {@code inbound()} is taken: whoever reads it as well is refused. {@link FrameCodec#zeroCopy()} and
 * {@link FrameCodec#coalesce} of the codec have no effect.
 */
public final class FramedConnection {

    private final Connection connection;

    /** Kept, as Reactor Netty hands out a stand-in once it is closed. */
    private final Channel channel;

    private final ChannelInbound inbound;
    private final ChannelOutbound outbound;
    private final FrameStream frames;

    /** Answered in order; null before the first. */
    private volatile @Nullable OrderedQuestions questions;

    /** By what is read, unless a question says otherwise. */
    private volatile FrameCodec reading;

    private @Nullable Heartbeat heartbeat;

    /** Who is told of ends, beside the streams; null without a conversation. */
    private final @Nullable Conversation conversation;

    FramedConnection(
            Connection connection,
            FrameCodec reading,
            FrameCodec writing,
            @Nullable Conversation conversation,
            Patience patience) {
        this.connection = connection;
        this.conversation = conversation;
        channel = connection.channel();
        this.reading = named(reading);
        inbound = new ChannelInbound(connection, new Ends(), patience.look());
        frames = this.reading.open(inbound, inbound.handedOut());
        outbound = new ChannelOutbound(channel, inbound, named(writing), new Reader(), patience);
    }

    private OrderedQuestions questions() {
        OrderedQuestions q = questions;
        return q != null ? q : newQuestions();
    }

    private OrderedQuestions newQuestions() {
        synchronized (outbound) {
            OrderedQuestions q = questions;
            if (q == null) {
                q = new OrderedQuestions(
                        outbound,
                        frames,
                        reading.metrics(),
                        answerCodec -> frames.switchTo(answerCodec != null ? named(answerCodec) : reading));
                questions = q;
            }
            return q;
        }
    }

    /** In the log, frames are told apart by the channel. */
    private FrameCodec named(FrameCodec codec) {
        return codec.named(channel.id().asShortText());
    }

    /** Takes over the channel's input. */
    FramedConnection install() {
        outbound.run(() -> {
            Throwable refusal = inbound.install(conversation == null);
            if (refusal != null) {
                outbound.onClosed(refusal);
            }
        });
        return this;
    }

    /** What is told by the channel. */
    private final class Ends implements ChannelInbound.Listener {

        @Override
        public boolean isReading() {
            return frames.hasSubscriber();
        }

        @Override
        public void onRead() {
            outbound.onRead();
        }

        @Override
        public void onInputEnd(@Nullable Throwable error) {
            if (conversation != null) {
                conversation.onInputEnd();
            }
        }

        @Override
        public void onThrown(Throwable thrown) {
            frames.abort(thrown);
            if (conversation != null) {
                conversation.onThrown(thrown);
            }
        }

        @Override
        public void onClosed(Throwable reason, boolean closedHere) {
            stopHeartbeat();
            if (closedHere) {
                if (conversation != null) {
                    conversation.onClosedHere();
                }
                frames.abort(reason);
                outbound.onClosed(reason);
            } else {
                frames.handBackAtOnce();
                if (reason instanceof Error) {
                    outbound.onClosed(reason); // no memory, say: it is not the peer who is gone
                } else {
                    outbound.onBroken(reason);
                }
            }
            if (conversation != null) {
                conversation.onClosed();
            }
        }
    }

    private final class Reader implements ChannelOutbound.Reading {

        @Override
        public boolean isActive() {
            return frames.hasSubscriber();
        }

        @Override
        public boolean wasEver() {
            return frames.wasSubscribed();
        }
    }

    /**
     * Puts frames on a connection. Its owner goes on being responsible for closing it.
     *
     * <p>On some transports bytes that arrive before this are lost when the peer closes meanwhile, as between
     * {@code connectNow()} and this method: {@link #handler} is in time. On a connection that is closed, or of which
     * somebody else reads {@code inbound()}, {@link #receive()} fails and says so.
     *
     * @param connection the connection, of which nothing has been read yet
     * @param codec the framing and its policy, for both directions
     * @return the connection with frames
     */
    public static FramedConnection of(Connection connection, FrameCodec codec) {
        return of(connection, codec, codec);
    }

    /**
     * Puts frames on a connection, like {@link #of(Connection, FrameCodec)}, with another framing for each direction.
     *
     * @param connection the connection, of which nothing has been read yet
     * @param reading the framing and policy of what arrives
     * @param writing the framing and policy of what is sent
     * @return the connection with frames
     */
    public static FramedConnection of(Connection connection, FrameCodec reading, FrameCodec writing) {
        Objects.requireNonNull(connection, "connection");
        Objects.requireNonNull(reading, "reading");
        Objects.requireNonNull(writing, "writing");
        return new FramedConnection(connection, reading, writing, null, Patience.USUAL).install();
    }

    /**
     * Creates a handler for {@code TcpServer.handle} and {@code TcpClient.handle} that holds a conversation on each
     * connection. When the conversation ends, whether it completes or fails, a frame that is being written is written
     * to its end, as long as the peer takes some of it each second; then the output is shut and the connection closed.
     * What the peer has sent and nobody has read is read for up to a second, as closing a socket with unread bytes
     * would take away what was sent last.
     *
     * <p><strong>When the peer closes</strong>, the conversation is not cancelled: it learns of that by what it reads
     * and sends. Only one that has not read up to the end, and now neither reads nor sends, is cancelled: 10 seconds
     * after the connection has been lost, or 60 seconds after the peer has shut its output. Whoever needs longer for an
     * answer reads to the end first.
     *
     * <p><strong>When the connection is closed here</strong>, by {@link Connection#dispose()} or by a server that is
     * disposed and has a channel group, what it reads and sends fails with {@link AbortedException}, and what is left
     * of the conversation is cancelled.
     *
     * <p>Failures are logged: at level warn if the peer broke the framing, at level debug if it merely went away (a
     * reset, an {@link AbortedException}), else at level error.
     *
     * @param codec the framing and its policy, for both directions
     * @param conversation what to do with a connection, until the publisher that it returns ends
     * @return the handler
     */
    public static BiFunction<NettyInbound, NettyOutbound, Publisher<Void>> handler(
            FrameCodec codec, Function<? super FramedConnection, ? extends Publisher<Void>> conversation) {
        return handler(codec, codec, conversation);
    }

    /**
     * Creates a handler, like {@link #handler(FrameCodec, Function)}, with another framing for each direction.
     *
     * @param reading the framing and policy of what arrives
     * @param writing the framing and policy of what is sent
     * @param conversation what to do with a connection, until the publisher that it returns ends
     * @return the handler
     */
    public static BiFunction<NettyInbound, NettyOutbound, Publisher<Void>> handler(
            FrameCodec reading,
            FrameCodec writing,
            Function<? super FramedConnection, ? extends Publisher<Void>> conversation) {
        Objects.requireNonNull(reading, "reading");
        Objects.requireNonNull(writing, "writing");
        Objects.requireNonNull(conversation, "conversation");
        return handler(reading, writing, conversation, Patience.USUAL);
    }

    static BiFunction<NettyInbound, NettyOutbound, Publisher<Void>> handler(
            FrameCodec reading,
            FrameCodec writing,
            Function<? super FramedConnection, ? extends Publisher<Void>> conversation,
            Patience patience) {
        return (inbound, outbound) -> Mono.create(end -> inbound.withConnection(
                connection -> new Conversation(connection, reading, writing, patience, end).start(conversation)));
    }

    /**
     * Connects when it is subscribed to, holds a conversation, and gives its result, or the error that ended it: that
     * of connecting, of the conversation, or {@link AbortedException} if the connection is closed here meanwhile. The
     * result is there when the conversation has ended; closing, as {@link #handler} describes it, goes on behind that.
     * Cancelling closes the connection.
     *
     * @param <T> the result
     * @param client where and how to connect
     * @param codec the framing and its policy, for both directions
     * @param conversation what to do with the connection
     * @return the result
     */
    public static <T> Mono<T> connect(
            TcpClient client,
            FrameCodec codec,
            Function<? super FramedConnection, ? extends Mono<? extends T>> conversation) {
        return connect(client, codec, codec, conversation);
    }

    /**
     * Connects, like {@link #connect(TcpClient, FrameCodec, Function)}, with another framing for each direction.
     *
     * @param <T> the result
     * @param client where and how to connect
     * @param reading the framing and policy of what arrives
     * @param writing the framing and policy of what is sent
     * @param conversation what to do with the connection
     * @return the result
     */
    public static <T> Mono<T> connect(
            TcpClient client,
            FrameCodec reading,
            FrameCodec writing,
            Function<? super FramedConnection, ? extends Mono<? extends T>> conversation) {
        Objects.requireNonNull(client, "client");
        Objects.requireNonNull(reading, "reading");
        Objects.requireNonNull(writing, "writing");
        Objects.requireNonNull(conversation, "conversation");
        return ClientConversation.result(client, reading, writing, conversation);
    }

    /**
     * Returns the frames that arrive, for the subscriber to keep.
     *
     * <p><img src="doc-files/receive.svg" alt="The second subscriber goes on where the first one cancelled">
     *
     * <p>There is one subscriber at a time, a second one meanwhile gets an {@link IllegalStateException}. Cancelling
     * leaves the unread frames to the next subscriber. Operators behind this that request in advance ({@code
     * publishOn}, {@code flatMap}, {@code limitRate}, {@code buffer}, {@code concatMap} with a prefetch) lose what they
     * hold when they are cancelled: for several subscribers, one after the other, use {@link #next()}, or {@code
     * take(n)} and {@code takeUntil} directly behind this method.
     *
     * <p>Frames come on the connection's event loop, or on the thread that requests them if they have arrived already.
     *
     * <p><strong>Errors:</strong> those of {@link FrameCodec#decode}, and those of the connection; see above. A
     * subscriber that comes after the end gets the same end.
     *
     * @return the frames
     */
    public Flux<ByteBuffer> receive() {
        return frames.receive();
    }

    /**
     * Lends each frame that arrives to the function, where it lies in the buffer that the socket was read into; see
     * {@link FrameCodec#read}. Otherwise like {@link #receive()}.
     *
     * @param <T> what the function makes of a frame
     * @param reader is lent each frame
     * @return what the function returns
     */
    public <T> Flux<T> receive(Function<? super ByteBuffer, ? extends T> reader) {
        return frames.receive(reader);
    }

    /**
     * Returns parts of the frames that arrive; see {@link FrameCodec#decodeParts}. Otherwise like {@link #receive()}.
     *
     * @return the parts
     */
    public Flux<FramePart> receiveParts() {
        return frames.receiveParts();
    }

    /**
     * Returns the next frame that arrives. Whoever asks in turn gets one frame after the other, and cancelling loses
     * none.
     *
     * @return the next frame; empty at the end of the stream
     */
    public Mono<ByteBuffer> next() {
        return frames.receive().next();
    }

    /**
     * Sends frames. One that is alone leaves at once; those that are at hand leave together. At most 130 KiB are under
     * way beyond the socket's own buffers, for all sends of the connection together and for frames of any length; the
     * next frame is requested when there is room. Calls may overlap: their frames are mixed then, but never their
     * bytes, and none has to wait for the end of another.
     *
     * <p><img src="doc-files/send.svg" alt="Frames of two sends leave one after the other on one socket">
     *
     * <p>The result completes when the socket has taken all frames. Cancelling stops between two frames.
     *
     * <p><strong>Errors:</strong> those of the publisher and of {@link FrameCodec#encode}, after the frames before them
     * have been sent; those of the connection, see above.
     *
     * @param frames the frames, read between their position and their limit
     * @return the end of sending
     */
    public Mono<Void> send(Publisher<? extends ByteBuffer> frames) {
        Objects.requireNonNull(frames, "frames");
        return new MonoSend<ByteBuffer>(Flux.from(frames), actual -> new FrameSend<>(actual, outbound, null));
    }

    /**
     * Has the function write each message into a buffer, and sends it as a frame; see {@link FrameCodec#write}. The
     * function is called on the connection's event loop. Otherwise like {@link #send(Publisher)}.
     *
     * @param <T> a message
     * @param messages the messages
     * @param writer writes a message into the buffer
     * @return the end of sending
     */
    public <T> Mono<Void> send(Publisher<? extends T> messages, BiConsumer<? super T, ? super ByteBuffer> writer) {
        Objects.requireNonNull(messages, "messages");
        Objects.requireNonNull(writer, "writer");
        return new MonoSend<T>(Flux.from(messages), actual -> new FrameSend<>(actual, outbound, writer));
    }

    /**
     * Sends one frame whose bytes come in pieces, so that it need not fit into memory. Other sends wait from its first
     * byte to its last.
     *
     * <p>The format has to leave the frame's bytes as they are and to know from its length and its first bytes that it
     * can be sent. Such formats are {@code LengthField}, {@code Varint}, {@code FixedLength} without padding, {@code
     * TextLength}, {@code ContentLength} and {@code HeaderLength}, each unless the frame brings an end mark, {@code
     * SkipBetween} around one of them, {@code FirstBytes} where it chooses one of them, and any whose encoder is an
     * {@link reactor.framing.EnvelopeEncoder} that {@linkplain reactor.framing.EnvelopeEncoder#takesPieces() takes
     * pieces}. A frame that the format refuses is not begun, and the connection goes on.
     *
     * <p>A frame that cannot be finished, as the parts fail, end too early or bring too many bytes, or this is
     * cancelled, closes the connection.
     *
     * @param frameLength the length of the frame, in bytes
     * @param parts the frame's bytes, in pieces cut anywhere
     * @return the end of sending; {@link UnsupportedOperationException} if the format has to see a whole frame before
     *     it can write it; {@link IllegalArgumentException} if the parts do not have as many bytes as the frame
     * @throws IllegalArgumentException if the length is negative
     */
    public Mono<Void> sendParts(long frameLength, Publisher<? extends ByteBuffer> parts) {
        Objects.requireNonNull(parts, "parts");
        if (frameLength < 0) {
            throw new IllegalArgumentException("frameLength must not be negative, was " + frameLength);
        }
        return new MonoSend<ByteBuffer>(Flux.from(parts), actual -> new PartsSend(actual, outbound, frameLength));
    }

    /**
     * Returns the frames that arrive as buffers that are counted by reference, for a proxy that passes them on. A frame
     * that lies in one read is a slice of the buffer that the socket was read into. A frame that several reads have
     * brought consists of several buffers: what a read brought of it stays in the read's buffer, if it is at least 8
     * KiB and fills a quarter of that buffer. The rest is copied. {@link ByteBuf#nioBuffers()} shows such a frame as it
     * is, {@link ByteBuf#nioBuffer()} copies it.
     *
     * <p>Each frame is the subscriber's to release, or whoever's it is handed to, such as {@link #sendBuffers}. A slice
     * keeps all of its read alive until then. Operators that discard frames, when they are cancelled for instance,
     * release them if {@code doOnDiscard(ByteBuf.class, ByteBuf::release)} stands behind them. Otherwise like {@link
     * #receive()}.
     *
     * @return the frames
     */
    public Flux<ByteBuf> receiveBuffers() {
        return frames.receive(new BufferSlicer(inbound.handedOut(), channel.alloc()));
    }

    /**
     * Sends frames and releases them, whether they are sent or not. The bytes of a frame of more than 4 KiB are not
     * copied, if the format leaves them as they are. A frame in several buffers is copied all the same if the format
     * has to look at all of it. Otherwise like {@link #send(Publisher)}.
     *
     * @param frames the frames, from their reader index to their writer index
     * @return the end of sending
     */
    public Mono<Void> sendBuffers(Publisher<? extends ByteBuf> frames) {
        Objects.requireNonNull(frames, "frames");
        return new MonoSend<ByteBuf>(Flux.from(frames), actual -> new BufferSend(actual, outbound));
    }

    /**
     * Sends a question when it is subscribed to, and waits for its answer: the frame that comes behind the answers of
     * the questions before. Questions may overlap; up to 256 are open at a time, and those that come later wait before
     * they are sent. As long as one is open nobody else may read.
     *
     * <pre>{@code
     * Flux.fromIterable(keys).flatMapSequential(key -> connection.request(get(key)).timeout(Duration.ofSeconds(1)), 64)
     * }</pre>
     *
     * <p>A question that is cancelled after it has left, by a timeout for instance, stays open until its answer comes,
     * which is dropped: the others get their own.
     *
     * <p><strong>Errors:</strong> {@link reactor.framing.FramingException} if the frame cannot be written;
     * {@link IllegalStateException} if somebody else reads; and when the connection ends before the answer comes, the
     * reason of that, an {@link AbortedException} if the peer simply ended the stream.
     *
     * @param frame the question, left as it is until it has been sent
     * @return the answer
     */
    public Mono<ByteBuffer> request(ByteBuffer frame) {
        Objects.requireNonNull(frame, "frame");
        return questions().request(frame, null);
    }

    /**
     * Sends a question whose answer has a framing of its own, as the single byte that PostgreSQL answers to a request
     * for TLS. The frames behind it are read as before. Otherwise like {@link #request(ByteBuffer)}.
     *
     * @param frame the question, left as it is until it has been sent
     * @param answerCodec how the answer is framed
     * @return the answer
     */
    public Mono<ByteBuffer> request(ByteBuffer frame, FrameCodec answerCodec) {
        Objects.requireNonNull(frame, "frame");
        Objects.requireNonNull(answerCodec, "answerCodec");
        return questions().request(frame, answerCodec);
    }

    /**
     * Asks questions whose answers carry the same id, and may come in any order.
     *
     * @param <K> an id, with {@code equals} and {@code hashCode}
     * @param idOf returns the id of a question and of an answer, null for a frame that answers nothing; it is called on
     *     the connection's event loop. When it throws for a frame that has arrived, all open questions fail
     * @return who asks
     */
    public <K> Requests requests(Function<? super ByteBuffer, ? extends @Nullable K> idOf) {
        return new Requests(
                new IdQuestions<>(outbound, frames, reading.metrics(), Objects.requireNonNull(idOf, "idOf")));
    }

    /**
     * Goes on by another framing and policy in both directions; see {@link #switchReadingTo} and {@link
     * #switchWritingTo}.
     *
     * @param codec the framing and its policy
     * @return this connection
     */
    public FramedConnection switchTo(FrameCodec codec) {
        return switchReadingTo(codec).switchWritingTo(codec);
    }

    /**
     * Reads by another framing and policy from the next frame on. No byte that has arrived already is lost. To be
     * called from where the last frame before the change is received, or while no frame is wanted: a frame that has
     * begun ends by the framing in use.
     *
     * @param codec the framing and its policy
     * @return this connection
     */
    public FramedConnection switchReadingTo(FrameCodec codec) {
        reading = named(Objects.requireNonNull(codec, "codec"));
        OrderedQuestions q = questions;
        if (q == null || !q.isReadingByAnswerCodec()) {
            frames.switchTo(reading);
        }
        return this;
    }

    /**
     * Writes by another framing and policy from the next frame on that leaves.
     *
     * @param codec the framing and its policy
     * @return this connection
     */
    public FramedConnection switchWritingTo(FrameCodec codec) {
        Objects.requireNonNull(codec, "codec");
        outbound.run(() -> outbound.switchTo(named(codec)));
        return this;
    }

    /**
     * Goes on by TLS (STARTTLS), when what is being sent has been sent. To be subscribed to while nobody reads, between
     * {@link #next()} for instance, and nothing else is sent; both may go on when the handshake is done. Of the
     * provider, its context, its timeouts and its handler configurator are used; name and port of the peer are those of
     * the address that was connected to.
     *
     * <p><strong>Errors:</strong> {@link SSLException} if the handshake fails, or if bytes have arrived behind the last
     * frame in plain text: they may be an attacker's, and are not to be read as if they had come by TLS. The connection
     * is closed then.
     *
     * @param provider the TLS configuration; its context tells whether this end is the client or the server
     * @return the end of the handshake
     */
    public Mono<Void> startTls(SslProvider provider) {
        Objects.requireNonNull(provider, "provider");
        return Mono.create(done -> outbound.run(() -> outbound.afterSends(() -> startTls(provider, done))));
    }

    private void startTls(SslProvider provider, MonoSink<Void> done) {
        int inFrames = frames.unread();
        if (inFrames < 0) {
            // called by a subscriber that gets the last frame before TLS: what is behind that frame is known when it
            // returns
            channel.eventLoop().schedule(() -> startTls(provider, done), 1, TimeUnit.MILLISECONDS);
            return;
        }
        Throwable refusal = outbound.refusal();
        if (inFrames > 0) {
            refusal = new SSLException(inFrames + " bytes came in plain text behind the last frame before TLS");
            channel.close();
        }
        if (refusal != null) {
            done.error(refusal);
        } else {
            TlsUpgrade.start(channel, provider).addListener(handshake -> finish(done, handshake.cause()));
            inbound.rereadThroughPipeline();
        }
    }

    /**
     * Sends a frame whenever nothing has been sent for a while, until the output is shut or the connection has ended.
     *
     * @param interval the longest time without a frame
     * @param frame makes the frame, on the connection's event loop
     * @return this connection
     */
    public FramedConnection heartbeat(Duration interval, Supplier<? extends ByteBuffer> frame) {
        requirePositive(interval);
        Heartbeat beat = new Heartbeat(this, interval, Objects.requireNonNull(frame, "frame"));
        outbound.run(() -> {
            if (heartbeat != null) {
                heartbeat.stop();
            }
            heartbeat = beat;
            outbound.onWrite(beat::onWrite);
            beat.start();
        });
        return this;
    }

    /**
     * Ends the connection when nothing has come for a while, not even a part of a frame, although somebody waited for
     * it: {@link #receive()} and open questions fail with {@link SocketTimeoutException}. The time that a slow
     * subscriber takes does not count.
     *
     * <p>Netty's {@code ReadTimeoutHandler} counts that time, too: it ends the connection of a peer that has sent
     * everything, when our own subscriber is what is slow.
     *
     * @param timeout the longest wait
     * @return this connection
     */
    public FramedConnection idleTimeout(Duration timeout) {
        requirePositive(timeout);
        outbound.run(() -> inbound.endWhenIdle(timeout));
        return this;
    }

    private static void requirePositive(Duration duration) {
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException("Not a positive duration: " + duration);
        }
    }

    /**
     * Reads no more: {@link #receive()} completes behind the whole frames that have arrived, and what has arrived of
     * another one is dropped. For an end in good order, when a server shuts down for instance: the conversation goes on
     * as if the peer had shut its output, and may answer what it has.
     */
    public void stopReceiving() {
        frames.dropPartialFrame();
        outbound.run(inbound::stop);
    }

    /**
     * Shuts the output when all that is being sent has been sent: the peer sees the end of the stream, and can still
     * answer. On TLS this sends close_notify; only from TLS 1.3 on may the peer answer behind that. Sends that come
     * later fail with {@link AbortedException}.
     *
     * @return the end of that
     */
    public Mono<Void> shutdownOutput() {
        return Mono.create(done -> outbound.run(() -> {
            stopHeartbeat();
            outbound.shutdownAfterSends(() -> shutdownChannel(done));
        }));
    }

    private void stopHeartbeat() {
        if (heartbeat != null) {
            heartbeat.stop();
        }
    }

    private void shutdownChannel(MonoSink<Void> done) {
        LingeringClose.shutOutput(channel).addListener(future -> {
            Throwable failure = future.cause();
            // epoll, when the peer has reset the connection behind its FIN
            boolean isGone = failure instanceof NotYetConnectedException || failure instanceof ClosedChannelException;
            finish(done, isGone ? new AbortedException(failure) : failure);
        });
    }

    private static void finish(MonoSink<Void> done, @Nullable Throwable failure) {
        if (failure == null) {
            done.success();
        } else {
            done.error(failure);
        }
    }

    /**
     * Returns the connection that carries the frames.
     *
     * @return the connection
     */
    public Connection connection() {
        return connection;
    }

    Channel channel() {
        return channel;
    }

    ChannelInbound inbound() {
        return inbound;
    }

    /** Whether somebody who reads has learned that nothing more comes. */
    boolean isEndTold() {
        return frames.isEndTold();
    }

    /** Whether nobody reads and nothing is being sent. */
    boolean isIdle() {
        return !frames.hasSubscriber() && outbound.isIdle();
    }

    /**
     * Gives up what has arrived and will arrive, and what is being sent, but for the rest of a frame; then the task
     * closes the channel. On the event loop.
     */
    void end(Throwable reason, Runnable close) {
        stopHeartbeat();
        frames.abort(reason);
        outbound.end(
                reason,
                LingeringClose.TIME,
                () -> LingeringClose.run(channel, inbound, close),
                () -> LingeringClose.force(channel, close));
    }
}
