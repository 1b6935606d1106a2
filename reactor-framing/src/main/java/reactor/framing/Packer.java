package reactor.framing;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes messages, and packs those that are at hand into one chunk.
 *
 * @param <M> a message
 */
final class Packer<M> {

    private static final int FIRST_CAPACITY = 4096;

    /** Where the messages at hand come from. */
    interface Source<M> {

        @Nullable
        M poll();

        boolean isEmpty();
    }

    private final FrameWriter writer;
    private final MessageFrames<M> frames;
    private final int maxChunkLength;

    /**
     * How much room the next chunk is given at first: as much as the last one needed, or all if that was much of it.
     */
    private int capacity;

    /** The message that did not fit into the last chunk, and its frame. */
    private @Nullable M next;

    private @Nullable ByteBuffer nextFrame;

    /** Why a message could not be written or had; to be told after the chunk with those before it. */
    private @Nullable Throwable failure;

    /** The message that could not be written; null if it was the source that failed. */
    private @Nullable M failed;

    Packer(FrameWriter writer, MessageFrames<M> frames, int maxChunkLength) {
        this.writer = writer;
        this.frames = frames;
        this.maxChunkLength = maxChunkLength;
        capacity = Math.min(FIRST_CAPACITY, maxChunkLength);
    }

    boolean hasNext() {
        return next != null;
    }

    @Nullable
    Throwable failure() {
        return failure;
    }

    /** Takes what is held, so that it is discarded once. */
    @Nullable
    M takeNext() {
        M message = next;
        next = null;
        nextFrame = null;
        return message;
    }

    @Nullable
    M takeFailed() {
        M message = failed;
        failed = null;
        return message;
    }

    /**
     * Writes the messages that are at hand, as far as they fit.
     *
     * @return a chunk, or null if no message is at hand or the first one cannot be written
     */
    @Nullable
    ByteBuffer pack(Source<M> source) {
        ByteBuffer target = null;
        int position = 0; // in the target, behind the last whole frame
        int written = 0;
        int largest = 0;
        ByteBuffer frame = nextFrame;
        M message = takeNext();
        try {
            if (message == null) {
                message = source.poll();
            }
            while (message != null) {
                if (frame == null) {
                    frame = frames.frame(writer, message);
                }
                int length = writer.checkedLength(frame);
                if (target == null) {
                    target = ByteBuffer.allocate(source.isEmpty() ? length : roomFor(length, capacity));
                } else if (length > target.remaining()) {
                    int needed = position + length;
                    if (needed > maxChunkLength || needed < 0) {
                        next = message;
                        nextFrame = frame;
                        break;
                    }
                    target = ByteBuffer.allocate(roomFor(needed, 2 * target.capacity()))
                            .put(target.flip());
                }
                writer.encodeUncounted(frame, target);
                writer.logPacked(frame, written);
                largest = Math.max(largest, target.position() - position);
                position = target.position();
                written++;
                frame = null;
                message = null; // not at fault if what is asked for the next one fails
                if (position < maxChunkLength) {
                    message = source.poll();
                }
            }
        } catch (Throwable t) {
            failure = t;
            failed = message;
        }
        writer.wrote(written, position, largest);
        writer.reportWritten();
        if (failure instanceof FramingException fault && failed != null) {
            locate(fault, frame);
        }
        return target == null || written == 0 ? null : finish(target, position);
    }

    private void locate(FramingException fault, @Nullable ByteBuffer frame) {
        try {
            writer.locate(fault, frame);
        } catch (RuntimeException e) {
            fault.addSuppressed(e); // the frame's bytes cannot be read
        }
    }

    private ByteBuffer finish(ByteBuffer target, int position) {
        int length = target.limit(position).position(0).remaining();
        capacity = length > maxChunkLength / 2 ? maxChunkLength : length;
        // a chunk that came out much shorter than expected does not keep the room
        return length < target.capacity() / 2
                ? ByteBuffer.allocate(length).put(target).flip()
                : target;
    }

    /** All of a chunk for a quarter of it and more, so that no large frame is moved from one array to the next. */
    private int roomFor(int needed, int usual) {
        return Math.max(needed, needed > maxChunkLength / 4 ? maxChunkLength : usual);
    }
}
