package reactor.framing.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import reactor.framing.FrameCodec;
import reactor.framing.FrameWriter;
import reactor.netty.channel.AbortedException;

/**
 * Writes the frames of all sends of a connection to its channel.
 *
 * <pre>
 * Send --+
 * Send --+--&gt; FrameWriter --&gt; PackedBuffer (up to 64 KiB) --&gt; channel
 * Send --+        by turns, one whole frame after the other
 * </pre>
 *
 * <p>A frame goes straight into the pooled buffer that goes to the socket. Frames at hand are packed; nothing is waited
 * for. At most {@link #WINDOW} bytes are under way beyond the socket's own buffers, whatever the size of the frames.
 * The fields belong to the event loop.
 */
final class ChannelOutbound {

    /**
     * How many bytes may be under way: written here and not taken by the socket. Two frames of 64 KiB leave together,
     * with what stands around them.
     */
    private static final int WINDOW = 2 * PackedBuffer.LARGEST;

    /** After so many bytes other channels of the event loop get their turn, even if the socket keeps up. */
    private static final int TURN = 512 * 1024;

    /** After so many bytes another send gets its turn. */
    private static final int SHARE = 32 * 1024;

    /** Whether what arrives is read. */
    interface Reading {

        /** Now. */
        boolean isActive();

        /** Now or before. */
        boolean wasEver();
    }

    private final Channel channel;
    private final EventExecutor eventLoop;
    private final ChannelInbound inbound;
    private final Reading reading;
    private final Patience patience;
    private final PackedBuffer packed;
    private final Flusher flusher;

    /** Those that have something to write or may have, in the order of their turns. */
    private final ArrayDeque<Send<?>> sends = new ArrayDeque<>(1);

    /** Those whose last byte has not been taken by the socket, in the order of these bytes. */
    private final ArrayDeque<Send<?>> finishing = new ArrayDeque<>(1);

    private FrameCodec codec;
    private @Nullable FrameWriter writer;

    /** Bytes that have been written here, how many of them have been flushed, and how many the socket has taken. */
    private long written;

    private long flushed;
    private long taken;

    private boolean pumping;

    /** Whether a source has signalled since the last send was asked: all of them are asked again then. */
    private boolean signalled;

    /**
     * Whether the sends will be looked at, as the socket has taken something; and what had been written at the last
     * pause.
     */
    private boolean pumpScheduled;

    private long turnStart;

    /** Whether what has been written waits to be flushed in this turn of the event loop. */
    private boolean flushScheduled;

    /** 1 if somebody on another thread has asked for a look at the sends. */
    private volatile int woken;

    private static final AtomicIntegerFieldUpdater<ChannelOutbound> WOKEN =
            AtomicIntegerFieldUpdater.newUpdater(ChannelOutbound.class, "woken");

    /** What waits for the sends of now. */
    private final AfterSends afterSends = new AfterSends();

    private boolean shutdown;

    /** Is told that bytes go to the channel; null if nobody wants to know. */
    private @Nullable Runnable onWrite;

    /** How many tasks wait on the event loop whose order matters. */
    private volatile int unordered;

    private static final AtomicIntegerFieldUpdater<ChannelOutbound> UNORDERED =
            AtomicIntegerFieldUpdater.newUpdater(ChannelOutbound.class, "unordered");

    /** What becomes of sends when the peer is gone. */
    private @Nullable LostSends lost;

    /** Why there is nothing more to write to, as the connection was closed here. */
    private @Nullable Throwable closed;

    /** Why nothing is sent any more but the rest of a frame, as the conversation has ended. */
    private @Nullable Throwable ending;

    /** What waits for all that has been written to be taken by the socket. */
    private @Nullable Runnable onAllTaken;

    ChannelOutbound(Channel channel, ChannelInbound inbound, FrameCodec codec, Reading reading, Patience patience) {
        this.channel = channel;
        this.inbound = inbound;
        this.codec = codec;
        this.reading = reading;
        this.patience = patience;
        eventLoop = ChannelInbound.executor(channel);
        packed = new PackedBuffer(channel.alloc());
        flusher = new Flusher(channel, inbound::hasEnded);
    }

    // ---- any thread

    /** Runs something on the event loop, at once if this is it. */
    void run(Runnable task) {
        if (eventLoop.inEventLoop()) {
            task.run();
            return;
        }
        try {
            eventLoop.execute(task);
        } catch (RejectedExecutionException e) {
            // The event loop has ended, and all its channels with it: nothing runs on it any more.
            task.run();
        }
    }

    /**
     * Runs what one reader has been told on the event loop, in the order in which it is told: a reader may be told by
     * another thread that is about to leave, and then by the event loop.
     */
    void runInOrder(Runnable task) {
        if (eventLoop.inEventLoop() && unordered == 0) {
            task.run();
            return;
        }
        UNORDERED.incrementAndGet(this);
        try {
            eventLoop.execute(() -> {
                UNORDERED.decrementAndGet(this);
                task.run();
            });
        } catch (RejectedExecutionException e) {
            // The event loop has ended, and all its channels with it.
            UNORDERED.decrementAndGet(this);
            task.run();
        }
    }

    boolean isOnEventLoop() {
        return eventLoop.inEventLoop();
    }

    /** A send has got something from its source. */
    void onSignal() {
        if (eventLoop.inEventLoop()) {
            signalled = true;
            if (!pumping) {
                pump(false);
                flushLater();
            }
        } else if (WOKEN.compareAndSet(this, 0, 1)) {
            run(this::onWoken);
        }
    }

    // ---- the sends

    void add(Send<?> send) {
        add(send, true);
    }

    /** @param atOnce whether what it has leaves at once; else with what else is sent in this turn of the event loop */
    void add(Send<?> send, boolean atOnce) {
        if (send.isCancelled()) {
            send.discardAll();
            return;
        }
        Throwable refusal = refusal();
        if (refusal == null) {
            sends.add(send);
            if (atOnce) {
                pump(true);
            } else {
                onSignal();
            }
        } else if (lost != null && closed == null) {
            lost.add(send, false);
        } else {
            send.abort(refusal);
        }
    }

    /** Why nothing can be sent now; null if it can. */
    @Nullable
    Throwable refusal() {
        if (closed != null) {
            return closed;
        }
        if (lost != null) {
            return lost.reason();
        }
        if (ending != null) {
            return ending;
        }
        if (shutdown) {
            return new AbortedException("The output has been shut down");
        }
        return null;
    }

    /** A send has been cancelled. A frame of which a part has been written is written to its end. */
    void remove(Send<?> send) {
        if (send.isInFrame() && closed == null && lost == null) {
            if (!send.canFinishFrame()) {
                cutOff();
            }
            return;
        }
        sends.remove(send);
        finishing.remove(send);
        if (lost != null) {
            lost.remove(send);
        }
        send.discardAll();
        ended(send);
    }

    boolean isIdle() {
        return sends.isEmpty() && finishing.isEmpty() && (lost == null || lost.isIdle());
    }

    private List<Send<?>> active() {
        List<Send<?>> all = new ArrayList<>(finishing);
        all.addAll(sends);
        return all;
    }

    /** Refuses further sends, and runs the task when those of now have ended. */
    void shutdownAfterSends(Runnable task) {
        shutdown = true;
        afterSends(task);
    }

    /** Runs the task when the sends of now have ended, and the socket has taken all that they have written. */
    void afterSends(Runnable task) {
        afterSends.add(active(), written, task);
        runAfterSends();
    }

    /** A send has ended, in whatever way. */
    private void ended(Send<?> send) {
        afterSends.ended(send, written);
        runAfterSends();
    }

    private void runAfterSends() {
        afterSends.run(isOver() ? Long.MAX_VALUE : taken);
    }

    /** Makes the buffers that go to the channel. */
    ByteBufAllocator allocator() {
        return channel.alloc();
    }

    FrameWriter writer() {
        FrameWriter w = writer;
        if (w == null) {
            w = codec.newWriter();
            writer = w;
        }
        return w;
    }

    /** Goes on by another framing with the next frame. */
    void switchTo(FrameCodec codec) {
        if (writer != null) {
            writer.reportWritten();
        }
        this.codec = codec;
        writer = null;
    }

    // ---- writing

    long written() {
        return written;
    }

    /** Where to write a frame, or a piece of one, of so many bytes; null if there is no room for it now. */
    @Nullable
    ByteBuffer target(int needed) {
        if (packed.room() < needed) {
            handOver();
            if (written - taken > WINDOW - Math.max(needed, PackedBuffer.CAPACITY)) {
                return null;
            }
        }
        return packed.target(needed);
    }

    void wrote(int bytes) {
        written += bytes;
    }

    /** Writes what there is room for; returns whether that is all. */
    boolean writePieces(FramePieces pieces) {
        while (!pieces.isDone()) {
            ByteBuffer target = target(Math.max(pieces.needed(), 1));
            if (target == null) {
                return false;
            }
            int start = target.position();
            pieces.write(target);
            wrote(target.position() - start);
        }
        return true;
    }

    /** Writes the next 64 KiB of the buffer, or all it has, and reads them from it; 0 if there is no room for them. */
    int writeBuffer(ByteBuf buffer) {
        handOver();
        int n = Math.min(buffer.readableBytes(), PackedBuffer.CAPACITY);
        if (n > WINDOW - (written - taken)) {
            return 0;
        }
        wrote(n);
        tellWrite();
        channel.write(buffer.readRetainedSlice(n)).addListener(future -> onTaken(n, future.cause()));
        return n;
    }

    /** A frame cannot be written to its end: nothing that comes behind it would be understood. */
    void cutOff() {
        channel.close();
    }

    private void onWoken() {
        woken = 0;
        pump(true);
    }

    /** The socket's buffer has been read: what was sent meanwhile leaves together. */
    void onRead() {
        if (!sends.isEmpty() || written != taken) {
            pump(true);
        }
    }

    private void flushLater() {
        if (!inbound.isInRead() && !flushScheduled && written != flushed) {
            flushScheduled = true;
            eventLoop.execute(() -> {
                flushScheduled = false;
                pump(true);
            });
        }
    }

    /** Has the sends write by turns, as long as there is room. */
    private void pump(boolean flush) {
        if (pumping || isOver()) {
            return;
        }
        pumping = true;
        signalled = false;
        try {
            long stop = written + TURN;
            while (!writeByTurns(stop)) {
                // No room for the next frame: what has been written has to leave.
                flush();
                if (written - taken > WINDOW - PackedBuffer.LARGEST || isOver()) {
                    return;
                }
            }
            if (flush) {
                flush();
            }
            if (written >= stop) {
                pause(() -> pump(true));
            } else if (signalled) {
                pumpLater(); // by who was told of the flush
            } else if (flush) {
                packed.rest();
            }
        } finally {
            pumping = false;
            if (isOver()) {
                giveUp(); // the connection has ended meanwhile
            }
        }
        finish();
    }

    /** Returns false if there is no room for the next frame. */
    private boolean writeByTurns(long stop) {
        int idle = 0;
        while (idle < sends.size() && written < stop) {
            Send<?> send = sends.element();
            signalled = false;
            Send.Outcome outcome = send.write(Math.min(SHARE, stop - written));
            if (isOver()) {
                return true; // closed by a source
            }
            if (sends.peek() != send) {
                idle = 0; // cancelled by its source
                continue;
            }
            switch (outcome) {
                case NO_ROOM -> {
                    return false;
                }
                case ENDED -> {
                    sends.remove();
                    send.endsAt(written);
                    finishing.add(send);
                }
                case IDLE -> {
                    if (!send.isInFrame()) {
                        nextTurn();
                        idle++;
                    } else if (!signalled) {
                        return true; // the others wait, too
                    }
                }
                case WROTE -> {
                    if (!send.isInFrame()) {
                        nextTurn();
                    }
                    idle = 0;
                }
            }
            if (signalled) {
                idle = 0;
            }
        }
        return true;
    }

    private void nextTurn() {
        if (sends.size() > 1) {
            sends.add(sends.remove());
        }
    }

    private void flush() {
        handOver();
        if (written != flushed) {
            boolean wasDrained = taken == flushed;
            flushed = written;
            flusher.flush(wasDrained);
        }
    }

    private void handOver() {
        ByteBuf buffer = packed.take();
        if (buffer != null) {
            if (writer != null) {
                writer.reportWritten();
            }
            tellWrite();
            int length = buffer.readableBytes();
            channel.write(buffer).addListener(future -> onTaken(length, future.cause()));
        }
    }

    private void tellWrite() {
        if (onWrite != null) {
            onWrite.run();
        }
    }

    /** Has the task run whenever bytes go to the channel. */
    void onWrite(Runnable task) {
        onWrite = task;
    }

    private void onTaken(int bytes, @Nullable Throwable failure) {
        if (failure != null) {
            if (!inbound.isClosedHere()) { // else onClosed() is about to be called
                onWriteFailed(failure);
            }
            return;
        }
        taken += bytes;
        if (!pumping) {
            pumpLater();
        }
    }

    private void onWriteFailed(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof Error) {
                onClosed(t); // no memory, say: it is not the peer who is gone
                return;
            }
        }
        onBroken(failure);
        inbound.onWriteFailed(failure);
    }

    /**
     * Not from inside the channel's flush: it would go on with what is written meanwhile, and never look at other
     * channels.
     */
    private void pumpLater() {
        if (pumpScheduled) {
            return;
        }
        pumpScheduled = true;
        Runnable task = () -> {
            pumpScheduled = false;
            finish();
            pump(true);
        };
        if (written - turnStart < TURN) {
            eventLoop.execute(task);
        } else {
            turnStart = written;
            pause(task);
        }
    }

    /** Runs the task when other channels have had their turn: not by execute(), whose tasks run before that. */
    private void pause(Runnable task) {
        eventLoop.schedule(task, 0, TimeUnit.NANOSECONDS);
    }

    /** Tells the end of those of which the socket has taken all. */
    private void finish() {
        while (!finishing.isEmpty() && finishing.element().end() <= taken) {
            Send<?> send = finishing.remove();
            send.terminate(null);
            ended(send);
        }
        runAfterSends();
        if (onAllTaken != null && sends.isEmpty() && finishing.isEmpty() && written == taken) {
            allTaken();
        }
    }

    private void allTaken() {
        Runnable task = onAllTaken;
        onAllTaken = null;
        if (task != null) {
            task.run();
        }
    }

    // ---- ends

    private boolean isOver() {
        return closed != null || lost != null;
    }

    /** The peer takes no more. */
    void onBroken(Throwable cause) {
        if (isOver()) {
            return;
        }
        Throwable reason =
                cause.getCause() != null && cause instanceof ClosedChannelException ? cause.getCause() : cause;
        boolean somethingToRead = reading.wasEver() || !inbound.isUsedUp();
        lost = new LostSends(eventLoop, reading::isActive, somethingToRead, patience.dropping(), reason);
        giveUp();
    }

    /** The connection has been closed here. */
    void onClosed(Throwable reason) {
        if (closed == null) {
            closed = reason;
            giveUp();
        }
    }

    /** Tells the sends that the connection is over. One of them may be writing: it comes back to the pump first. */
    private void giveUp() {
        if (pumping) {
            return;
        }
        packed.discard();
        Throwable reason = closed;
        LostSends l = lost;
        List<Send<?>> all = active();
        sends.clear();
        finishing.clear();
        for (Send<?> send : all) {
            if (reason != null) {
                send.abort(reason);
            } else if (l != null) {
                l.add(send, true);
            }
        }
        all.forEach(this::ended);
        runAfterSends();
        if (reason != null && l != null) {
            l.end();
        }
        allTaken();
    }

    /**
     * The conversation has ended: sends fail, but the rest of a frame that has begun is written.
     *
     * @param patience how long the socket may take nothing
     * @param onAllTaken is run when the socket has taken all
     * @param onStalled is run instead when the socket takes nothing
     */
    void end(Throwable reason, Duration patience, Runnable onAllTaken, Runnable onStalled) {
        ending = reason;
        this.onAllTaken = onAllTaken;
        for (Send<?> send : active()) {
            if (!send.isInFrame()) {
                sends.remove(send);
                finishing.remove(send);
                send.abort(reason);
                ended(send);
            } else if (send.canFinishFrame()) {
                send.endBehindFrame(reason);
            } else {
                cutOff();
            }
        }
        pump(true);
        finish();
        endIfStalled(taken, patience, onStalled);
    }

    private void endIfStalled(long takenBefore, Duration patience, Runnable onStalled) {
        if (onAllTaken == null) {
            return;
        }
        eventLoop.schedule(
                () -> {
                    if (taken != takenBefore) {
                        endIfStalled(taken, patience, onStalled);
                    } else if (onAllTaken != null) {
                        onAllTaken = null;
                        onStalled.run();
                    }
                },
                patience.toNanos(),
                TimeUnit.NANOSECONDS);
    }
}
