package reactor.framing;

/** Counts frames until they are told to {@link FrameMetrics}. Used by one thread at a time. */
final class FrameTally {

    /** Takes what was counted, as the methods of {@link FrameMetrics} do. */
    interface Receiver {
        void take(long frames, long bytes, long largest);
    }

    private final Receiver receiver;
    private long frames;
    private long bytes;
    private long largest;

    FrameTally(Receiver receiver) {
        this.receiver = receiver;
    }

    void add(long moreFrames, long moreBytes, long largestOfThem) {
        frames += moreFrames;
        bytes += moreBytes;
        largest = Math.max(largest, largestOfThem);
    }

    /** Hands over what was counted since the last time, if anything was. */
    void report() {
        if (frames != 0) {
            long f = frames;
            long b = bytes;
            long l = largest;
            frames = 0;
            bytes = 0;
            largest = 0;
            receiver.take(f, b, l);
        }
    }
}
