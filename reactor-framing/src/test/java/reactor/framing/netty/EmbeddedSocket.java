package reactor.framing.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.framing.FrameCodec;
import reactor.netty.Connection;
import reactor.netty.ConnectionObserver;
import reactor.netty.channel.ChannelOperations;

/**
 * A channel without a socket and without a thread: the test says what arrives, how much is taken of what is sent, when
 * the event loop goes on, and how its time passes.
 */
final class EmbeddedSocket extends EmbeddedChannel implements DuplexChannel {

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private final List<Integer> buffers = new ArrayList<>();
    private final ChannelOperations<?, ?> connection;
    private long room = Long.MAX_VALUE;
    private @Nullable ByteBuf seen;
    private @Nullable Throwable writeFailure;
    private int reads;
    private boolean outputShut;

    EmbeddedSocket() {
        freezeTime();
        config().setAutoRead(false).setAllocator(allocator);
        ConnectionObserver nobody = ConnectionObserver.emptyListener();
        ChannelOperations.addReactiveBridge(this, ChannelOperations.OnSetup.empty(), nobody);
        connection = new ChannelOperations<>(Connection.from(this), nobody);
        connection.bind();
        reads = 0;
    }

    ChannelOperations<?, ?> connection() {
        return connection;
    }

    /** Puts frames on it, without a conversation. */
    FramedConnection framed(FrameCodec codec, Patience patience) {
        FramedConnection framed = new FramedConnection(connection, codec, codec, null, patience).install();
        reads = 0; // Reactor Netty's, for what had arrived before
        return framed;
    }

    /** Where it is connected to; not resolved. */
    @Override
    protected SocketAddress remoteAddress0() {
        return InetSocketAddress.createUnresolved("peer.example", 4711);
    }

    // ---- the event loop

    /** Netty calls this behind each call of the channel; a real event loop runs tasks when it gets to them. */
    @Override
    public void runPendingTasks() {}

    /** The event loop runs all that is due. */
    void turn() {
        do {
            super.runPendingTasks();
        } while (hasPendingTasks());
    }

    /** Time passes for the event loop, which then runs all that is due. */
    void pass(Duration time) {
        advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        turn();
    }

    // ---- the input

    /** Each array is one chunk of one read. */
    void arrive(byte[]... chunks) {
        Object[] buffers = new Object[chunks.length];
        for (int i = 0; i < chunks.length; i++) {
            buffers[i] = allocator.directBuffer(Math.max(1, chunks[i].length)).writeBytes(chunks[i]);
        }
        writeInbound(buffers);
        turn();
    }

    /** Bytes in a buffer that has room for more. */
    void arriveInRoom(byte[] chunk, int room) {
        writeInbound(allocator.directBuffer(room).writeBytes(chunk));
        turn();
    }

    /** The peer shuts its output. */
    void fin() {
        pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        turn();
    }

    void reset() {
        pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
        turn();
    }

    /** The channel breaks without a word. */
    void lose() {
        unsafe().close(voidPromise());
        turn();
    }

    @Override
    protected void doBeginRead() {
        reads++;
    }

    /** How often the socket was to be read, since the last call. */
    int reads() {
        int n = reads;
        reads = 0;
        return n;
    }

    // ---- the output

    /** From now on the socket takes so many bytes, those that wait already among them. */
    void takes(long bytes) {
        room = bytes;
        flush();
        turn();
    }

    /** From now on every write fails, and the output cannot be shut. */
    void failWrites(Throwable failure) {
        writeFailure = failure;
    }

    byte[] taken() {
        return taken.toByteArray();
    }

    /** The frames that have been taken, each with a length of four bytes before it. */
    List<ByteBuffer> takenFrames() {
        return ConnectionTester.unwire(taken());
    }

    /** Bytes that have been written to the channel, and that the socket has not taken. */
    long waiting() {
        return unsafe().outboundBuffer().totalPendingWriteBytes()
                - 96L * unsafe().outboundBuffer().size();
    }

    /** The lengths of the buffers that came to the socket. */
    List<Integer> buffers() {
        return buffers;
    }

    /** Bytes of memory that have not been given back. */
    long bytesInUse() {
        return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer in) throws Exception {
        if (writeFailure instanceof IOException e) {
            throw e;
        }
        if (writeFailure instanceof Error e) {
            throw e;
        }
        for (ByteBuf next = (ByteBuf) in.current(); next != null; next = (ByteBuf) in.current()) {
            if (next != seen) {
                seen = next;
                buffers.add(next.readableBytes());
            }
            int n = (int) Math.min(next.readableBytes(), room);
            if (n == 0 && next.isReadable()) {
                return; // full
            }
            taken.writeBytes(ByteBufUtil.getBytes(next, next.readerIndex(), n));
            room -= n;
            in.removeBytes(n);
        }
    }

    /** Netty does so when a write has failed. */
    @Override
    protected void doShutdownOutput() {
        outputShut = true;
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShut;
    }

    @Override
    public ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        if (writeFailure != null) {
            return promise.setFailure(writeFailure);
        }
        outputShut = true;
        return promise.setSuccess();
    }

    @Override
    public boolean isInputShutdown() {
        return false;
    }

    @Override
    public ChannelFuture shutdownInput() {
        throw new UnsupportedOperationException();
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isShutdown() {
        return outputShut;
    }

    @Override
    public ChannelFuture shutdown() {
        throw new UnsupportedOperationException();
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
        throw new UnsupportedOperationException();
    }
}
