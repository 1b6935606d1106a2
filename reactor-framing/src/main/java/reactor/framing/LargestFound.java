package reactor.framing;

import java.nio.ByteBuffer;

/**
 * Finds as another does, and remembers how long the longest frame was: for {@link FrameMetrics}, so that others do not
 * pay.
 */
final class LargestFound implements FrameFinder {

    private final FrameFinder finder;
    private int largest;

    LargestFound(FrameFinder finder) {
        this.finder = finder;
    }

    @Override
    public boolean find(ByteBuffer chunk, int start, FramePlace place) {
        if (!finder.find(chunk, start, place)) {
            return false;
        }
        largest = Math.max(largest, place.end() - start);
        return true;
    }

    @Override
    public boolean findCut(ByteBuffer chunk, int start, FramePlace place) {
        return finder.findCut(chunk, start, place);
    }

    @Override
    public boolean decode(ByteBuffer chunk, FrameSink frame) {
        return finder.decode(chunk, frame);
    }

    @Override
    public boolean complete(FrameSink frame) {
        return finder.complete(frame);
    }

    /** The length on the wire of the longest frame that was found since the last time. */
    int take() {
        int n = largest;
        largest = 0;
        return n;
    }

    @Override
    public String toString() {
        return finder.toString();
    }
}
