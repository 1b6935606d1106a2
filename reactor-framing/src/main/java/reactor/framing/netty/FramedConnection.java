package reactor.framing.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.framing.FrameCodec;
import reactor.netty.Connection;
import reactor.netty.NettyInbound;
import reactor.netty.NettyOutbound;
import reactor.netty.channel.AbortedException;

/**
 * A connection of Reactor Netty that carries frames.
 *
 * <pre>{@code
 * FrameCodec codec = FrameCodec.of(LengthField.ofSize(4)).maxFrameLength(1 << 20);
 *
 * TcpServer.create().port(7000)
 *          .handle(FramedConnection.handler(codec, connection -> connection.send(connection.receive().map(App::reply))))
 *          .bindNow();
 * }</pre>
 *
 * <p>The connection's inbound belongs to this object from its creation on: whoever reads it as well is refused by Reactor
 * Netty. Nothing is read from the socket before a frame is asked for.
 *
 * <p>Reactor Netty lends its chunks, so that the bytes of a frame have to be copied once. With
 * {@link FrameCodec#zeroCopy()}, that is done chunk by chunk, and frames are slices of those copies: better for many small
 * frames that are soon done with, worse for one that is kept, as it keeps its whole chunk.
 */
public final class FramedConnection {

    /** How long a send may go on after the last frame of a closed connection has been delivered. */
    private static final Duration LINGER = Duration.ofSeconds(5);

    private final Connection connection;

    /** Kept, as Reactor Netty hands out a stand-in once it is closed. */
    private final Channel channel;

    private final FrameCodec codec;
    private final FluxFrames frames;

    private FramedConnection(Connection connection, FrameCodec codec) {
        this.connection = connection;
        this.codec = codec;
        channel = connection.channel();
        frames = new FluxFrames(channel);
        // Reactor Netty lends its chunks. Not asByteBuffer() or asByteArray(), which take a buffer that somebody has
        // released for the end of the stream.
        Function<ByteBuf, ByteBuffer> chunk =
                codec.isZeroCopy() ? buffer -> ByteBuffer.wrap(ByteBufUtil.getBytes(buffer)) : ByteBuf::nioBuffer;
        codec.decode(connection.inbound().receive().map(chunk)).subscribe(frames);
    }

    /**
     * Puts frames on a connection. Its owner goes on being responsible for closing it; frames that arrived and are not
     * wanted are released by {@link Connection#dispose()}, also after the peer has closed.
     *
     * @param connection the connection, of which nothing has been read yet
     * @param codec the framing and its policy, for both directions
     * @return the connection with frames
     */
    public static FramedConnection of(Connection connection, FrameCodec codec) {
        Objects.requireNonNull(connection, "connection");
        Objects.requireNonNull(codec, "codec");
        return new FramedConnection(connection, codec);
    }

    /**
     * Creates a handler for {@code TcpServer.handle} and {@code TcpClient.handle} that holds a conversation on each
     * connection. The connection is closed when the conversation ends, whether it completes or fails; a failure is logged.
     *
     * <p><strong>When the peer closes</strong>, the conversation is not cancelled. What has arrived is still delivered, on
     * demand, also to other threads; then {@link #receive()} completes, or fails with
     * {@link reactor.framing.TruncatedFrameException} if the peer closed inside a frame, and {@link #send} fails as told
     * there. So a conversation that waits for neither has to look at {@link Connection#onDispose()} itself; only one that
     * has never subscribed to {@link #receive()} is cancelled, since nothing that has arrived could be lost. That the peer
     * has closed is learned by reading and sending: where nobody does either, it may go unnoticed.
     *
     * <p><strong>When the connection is disposed here</strong>, by {@link Connection#dispose()} or by a server that is
     * disposed and has a channel group, the conversation is cancelled at once.
     *
     * <p>Failures are logged at level warn if the peer broke the framing, at level debug if it merely went away (a
     * connection reset, an {@link AbortedException}), else at level error.
     *
     * @param codec the framing and its policy, for both directions
     * @param conversation what to do with a connection, until the publisher that it returns ends
     * @return the handler
     */
    public static BiFunction<NettyInbound, NettyOutbound, Publisher<Void>> handler(
            FrameCodec codec, Function<? super FramedConnection, ? extends Publisher<Void>> conversation) {
        Objects.requireNonNull(codec, "codec");
        Objects.requireNonNull(conversation, "conversation");
        return (inbound, outbound) -> Mono.create(end ->
                inbound.withConnection(connection -> Conversation.start(of(connection, codec), conversation, end)));
    }

    /**
     * Returns the frames that arrive. There is one stream of frames: it has one subscriber at a time, and cancelling leaves
     * the unread frames to the next one, while a second one meanwhile gets an {@link IllegalStateException}. No more frames
     * are cut than are requested, and no more is read from the socket than they need, so that a slow subscriber slows the
     * peer down.
     *
     * <p>The frames are the subscriber's to keep. They come on the connection's event loop, or on the thread that requests
     * them if they have arrived already.
     *
     * <p><strong>Errors:</strong> those of {@link FrameCodec#decode}, and those of the connection, such as its reset by the
     * peer, and {@link AbortedException} once the conversation has ended. A subscriber that comes after the end gets the
     * same end.
     *
     * @return the frames
     */
    public Flux<ByteBuffer> receive() {
        return frames;
    }

    /**
     * Sends frames. The next frame is requested while fewer than 128 KiB of this call's are waiting to be taken by the
     * socket, and a frame that is alone leaves at once. Calls may overlap: frames are then mixed, but never their bytes.
     *
     * <p>The result completes when the socket has taken all frames. Cancelling stops between two frames.
     *
     * <p><strong>Errors:</strong> those of the publisher and of {@link FrameCodec#encode}, after the frames before them have
     * been sent; {@link AbortedException} when the connection is closed before all frames have been sent. While
     * {@link #receive()} goes on delivering what arrived before the close, and for 5 seconds after its end, the publisher is
     * not cancelled for that, as it may be an answer to those frames that is worked on: the frames are dropped, and the
     * failure comes when the publisher or that time has ended. That takes one subscriber to {@link #receive()} that stays: in
     * {@code receive().concatMap(frame -> send(...))} or between two {@code receive().next()}, the first send after the
     * close fails. To have everything processed that has arrived, answer in one {@code send(receive()...)}.
     *
     * <p>With {@link FrameCodec#coalesce(int)}, the frames that it requests in advance come on top of the 128 KiB.
     *
     * @param frames the frames, read between their position and their limit
     * @return the end of sending
     */
    public Mono<Void> send(Publisher<? extends ByteBuffer> frames) {
        Mono<Void> aborted = connection
                .onDispose()
                .then(Mono.defer(() -> this.frames.isActive()
                        ? this.frames.ended().then(Mono.delay(LINGER)).then()
                        : Mono.empty()))
                .then(Mono.error(MonoWrite::closed));
        return Mono.firstWithSignal(aborted, new MonoWrite(codec.encode(frames), channel));
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

    /** Whether anybody has ever subscribed to {@link #receive()}. */
    boolean wasRead() {
        return frames.wasSubscribed();
    }

    /** Whether this is how the connection ended, such as by a reset, and not what somebody made of its bytes. */
    boolean isConnectionFailure(Throwable t) {
        return t instanceof IOException && t == frames.error();
    }

    /** Gives up what has arrived and will arrive. */
    void stopReading() {
        frames.dispose();
    }
}
