package reactor.framing;

/** Where in a chunk a frame lies: {@link FrameFinder#find} fills it in. Indexes are those of the chunk, in bytes. */
public final class FramePlace {

    private int start;
    private int length;
    private int end;

    /** Creates a place that has not been filled in. */
    public FramePlace() {}

    /**
     * Tells where the frame lies.
     *
     * @param start the index of the first byte that is delivered
     * @param length the number of bytes that are delivered
     * @param end the index behind the frame's last byte on the wire, trailer included
     */
    public void set(int start, int length, int end) {
        this.start = start;
        this.length = length;
        this.end = end;
    }

    /**
     * Returns the index of the first byte that is delivered.
     *
     * @return an index in the chunk
     */
    public int start() {
        return start;
    }

    /**
     * Returns the number of bytes that are delivered.
     *
     * @return a number of bytes
     */
    public int length() {
        return length;
    }

    /**
     * Returns the index behind the frame's last byte on the wire.
     *
     * @return an index in the chunk
     */
    public int end() {
        return end;
    }
}
