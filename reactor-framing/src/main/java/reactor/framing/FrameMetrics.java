package reactor.framing;

import java.time.Duration;

/**
 * Is told what a codec reads and writes, to count it. Each method does nothing unless it is overridden.
 *
 * <p>{@link FrameCodec#metrics} hands one to all streams of a codec: it is called from several threads at once, on the
 * threads that read and write, and has to return soon. What it throws ends the stream. Frames are told in groups, one
 * call for all that were read or written in one go, so that counting costs next to nothing a frame. All numbers of
 * bytes are those on the wire, headers included.
 *
 * <p>{@code reactor.framing.micrometer.MicrometerFrameMetrics} counts by Micrometer.
 */
public interface FrameMetrics {

    /** How a request ended. */
    enum RequestEnd {
        /** The answer has come. */
        ANSWERED,
        /** The connection has ended, or the answer was bad. */
        FAILED,
        /** The asker has cancelled, after a timeout for example. */
        CANCELLED
    }

    /**
     * Frames have been read and delivered.
     *
     * @param frames how many, at least one
     * @param bytes how many bytes they took
     * @param largest how many the longest of them took
     */
    default void received(long frames, long bytes, long largest) {}

    /**
     * Frames have been written.
     *
     * @param frames how many, at least one
     * @param bytes how many bytes they take
     * @param largest how many the longest of them takes, at most
     */
    default void sent(long frames, long bytes, long largest) {}

    /**
     * Something was wrong with a frame that was read or to be written. It ended the stream, or was passed over by
     * {@link FrameCodec#skipInvalid}: then {@link FramingException#skippedBytes()} tells how many bytes were.
     *
     * @param fault what was wrong
     */
    default void fault(FramingException fault) {}

    /** A request has left, and waits for its answer. */
    default void requestSent() {}

    /**
     * A request that had left has ended.
     *
     * @param end how
     * @param time how long it took
     */
    default void requestEnded(RequestEnd end, Duration time) {}
}
