package reactor.framing;

import org.jspecify.annotations.Nullable;

/**
 * What a {@link FrameCodec} consists of.
 *
 * @param skipPolicy null: the first fault ends the stream
 * @param timeout null: a frame may take any time
 * @param maxChunkLength 0: one buffer a frame
 */
record CodecSettings(
        Framing framing,
        long maxFrameLength,
        boolean zeroCopy,
        Faults.@Nullable SkipPolicy skipPolicy,
        FrameTimer.@Nullable Timeout timeout,
        int maxChunkLength) {

    /** The limit unless the user sets one: 8 MiB. */
    private static final long DEFAULT_MAX_FRAME_LENGTH = 8 << 20;

    static CodecSettings of(Framing framing) {
        return new CodecSettings(framing, DEFAULT_MAX_FRAME_LENGTH, false, null, null, 0);
    }

    CodecSettings withMaxFrameLength(long bytes) {
        return new CodecSettings(framing, bytes, zeroCopy, skipPolicy, timeout, maxChunkLength);
    }

    CodecSettings withZeroCopy() {
        return new CodecSettings(framing, maxFrameLength, true, skipPolicy, timeout, maxChunkLength);
    }

    CodecSettings withSkipPolicy(Faults.SkipPolicy policy) {
        return new CodecSettings(framing, maxFrameLength, zeroCopy, policy, timeout, maxChunkLength);
    }

    CodecSettings withTimeout(FrameTimer.Timeout frameTimeout) {
        return new CodecSettings(framing, maxFrameLength, zeroCopy, skipPolicy, frameTimeout, maxChunkLength);
    }

    CodecSettings withMaxChunkLength(int bytes) {
        return new CodecSettings(framing, maxFrameLength, zeroCopy, skipPolicy, timeout, bytes);
    }
}
