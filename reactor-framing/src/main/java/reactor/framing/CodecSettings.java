package reactor.framing;

import org.jspecify.annotations.Nullable;

/**
 * What a {@link FrameCodec} consists of.
 *
 * @param skipPolicy null: the first fault ends the stream
 * @param timeout null: a frame may take any time
 * @param maxChunkLength 0: one buffer a frame
 * @param observed who is told what is read and written
 */
record CodecSettings(
        Framing framing,
        long maxFrameLength,
        boolean zeroCopy,
        Faults.@Nullable SkipPolicy skipPolicy,
        FrameTimer.@Nullable Timeout timeout,
        int maxChunkLength,
        Observed observed) {

    /** Who is told what is read and written, and by which name of the stream. */
    record Observed(
            @Nullable FrameMetrics metrics, @Nullable FrameLog log, String name) {

        static final Observed NOT = new Observed(null, null, "");

        boolean isLogged() {
            return log != null && log.isEnabled();
        }
    }

    /** The limit unless the user sets one: 8 MiB. */
    private static final long DEFAULT_MAX_FRAME_LENGTH = 8 << 20;

    static CodecSettings of(Framing framing) {
        return new CodecSettings(framing, DEFAULT_MAX_FRAME_LENGTH, false, null, null, 0, Observed.NOT);
    }

    CodecSettings withMaxFrameLength(long bytes) {
        return new CodecSettings(framing, bytes, zeroCopy, skipPolicy, timeout, maxChunkLength, observed);
    }

    CodecSettings withZeroCopy() {
        return new CodecSettings(framing, maxFrameLength, true, skipPolicy, timeout, maxChunkLength, observed);
    }

    CodecSettings withSkipPolicy(Faults.SkipPolicy policy) {
        return new CodecSettings(framing, maxFrameLength, zeroCopy, policy, timeout, maxChunkLength, observed);
    }

    CodecSettings withTimeout(FrameTimer.Timeout frameTimeout) {
        return new CodecSettings(framing, maxFrameLength, zeroCopy, skipPolicy, frameTimeout, maxChunkLength, observed);
    }

    CodecSettings withMaxChunkLength(int bytes) {
        return new CodecSettings(framing, maxFrameLength, zeroCopy, skipPolicy, timeout, bytes, observed);
    }

    CodecSettings withMetrics(FrameMetrics metrics) {
        return observedBy(new Observed(metrics, observed.log(), observed.name()));
    }

    CodecSettings withLog(FrameLog log) {
        return observedBy(new Observed(observed.metrics(), log, observed.name()));
    }

    CodecSettings withName(String name) {
        return observedBy(new Observed(observed.metrics(), observed.log(), name));
    }

    private CodecSettings observedBy(Observed who) {
        return new CodecSettings(framing, maxFrameLength, zeroCopy, skipPolicy, timeout, maxChunkLength, who);
    }
}
