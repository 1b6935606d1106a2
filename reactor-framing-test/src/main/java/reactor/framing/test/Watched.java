package reactor.framing.test;

import java.nio.ByteBuffer;
import java.util.Objects;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameFinder;
import reactor.framing.FramePlace;
import reactor.framing.FrameSink;
import reactor.framing.Framing;
import reactor.framing.FramingException;

/**
 * A framing whose decoders are seen to keep the rules of {@link FrameDecoder}, {@link FrameFinder} and {@link
 * FrameSink}.
 */
final class Watched implements Framing {

    /** How often a decoder may call the sink, for each byte of the chunk and besides. */
    private static final int CALLS_A_BYTE = 100;

    private static final int CALLS = 1000;

    private final Framing framing;
    private final boolean finds;

    private Watched(Framing framing, boolean finds) {
        this.framing = framing;
        this.finds = finds;
    }

    /** Frames are decoded, and none is found. */
    static Framing decoding(Framing framing) {
        return new Watched(framing, false);
    }

    /** Frames are found and decoded by turns, if the decoder can find any. */
    static Framing byTurns(Framing framing) {
        return new Watched(framing, true);
    }

    /** Calls are counted. */
    static Counted counting(Framing framing) {
        return new Counted(framing);
    }

    @Override
    public FrameDecoder newDecoder() {
        FrameDecoder decoder = framing.newDecoder();
        Violation.unless(decoder != null, "newDecoder() returned null");
        return finds && decoder instanceof FrameFinder finder
                ? new WatchedFinder(finder)
                : new WatchedDecoder(Objects.requireNonNull(decoder));
    }

    @Override
    public FrameEncoder newEncoder() {
        return framing.newEncoder();
    }

    @Override
    public String toString() {
        return framing.toString();
    }

    private static class WatchedDecoder implements FrameDecoder {

        private final FrameDecoder decoder;
        private long read;
        private long frames;

        WatchedDecoder(FrameDecoder decoder) {
            this.decoder = decoder;
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            int position = chunk.position();
            int limit = chunk.limit();
            Violation.unless(position < limit, "decode() was called with an empty chunk");
            boolean complete = decoder.decode(chunk, new WatchedSink(frame, "decode()", limit - position));
            Violation.unless(
                    chunk.limit() == limit,
                    "decode() changed the limit of the chunk from " + limit + " to " + chunk.limit());
            Violation.unless(
                    chunk.position() >= position,
                    "decode() moved the position of the chunk back from " + position + " to " + chunk.position());
            Violation.unless(
                    complete || !chunk.hasRemaining(),
                    "decode() returned false and left " + chunk.remaining() + " of " + (limit - position)
                            + " bytes of the chunk unread");
            read += chunk.position() - position;
            if (complete) {
                found();
            }
            return complete;
        }

        void found() {
            Violation.unless(
                    ++frames <= read, "decode() makes no progress: it returned true more often than there were bytes");
        }

        void passed(int bytes) {
            read += bytes;
        }

        @Override
        public boolean complete(FrameSink frame) {
            boolean complete = decoder.complete(new WatchedSink(frame, "complete()", 0));
            if (complete) {
                Violation.unless(++frames <= read + 1, "complete() makes no progress: it returns true again and again");
            }
            return complete;
        }

        @Override
        public String toString() {
            return decoder.toString();
        }
    }

    private static final class WatchedFinder extends WatchedDecoder implements FrameFinder {

        /** Calls one of the finder's methods. */
        private interface Look {
            boolean at(ByteBuffer chunk, int start, FramePlace place);
        }

        private final FrameFinder finder;
        private int finds;
        private int cuts;

        /** Where nothing was found in the last look. */
        private int missed = -1;

        WatchedFinder(FrameFinder finder) {
            super(finder);
            this.finder = finder;
        }

        /** Passes on, in turn, nothing, what was found, and that nothing was. */
        @Override
        public boolean find(ByteBuffer chunk, int start, FramePlace place) {
            missed = -1;
            if (++finds % 3 == 1) {
                return false;
            }
            boolean found = look("find()", finder::find, finds, chunk, start, place);
            missed = found ? -1 : start;
            if (found) {
                Violation.unless(
                        place.start() >= start
                                && place.length() >= 0
                                && place.end() > start
                                && place.end() <= chunk.limit()
                                && place.start() + place.length() <= place.end(),
                        told("find()", chunk, start, place));
            }
            return found && finds % 3 == 2 && pass(start, place);
        }

        /** Passes on what was found, or that nothing was, by turns. */
        @Override
        public boolean findCut(ByteBuffer chunk, int start, FramePlace place) {
            if (missed != start) {
                return false;
            }
            boolean found = look("findCut()", finder::findCut, ++cuts, chunk, start, place);
            if (found) {
                Violation.unless(
                        place.start() >= start
                                && place.start() <= chunk.limit()
                                && place.end() > chunk.limit()
                                && place.start() + place.length() == place.end(),
                        told("findCut()", chunk, start, place));
            }
            return found && cuts % 2 == 0 && pass(start, place);
        }

        private static boolean look(String name, Look look, int number, ByteBuffer chunk, int start, FramePlace place) {
            // it is elsewhere when several frames are found
            int position = chunk.position();
            int limit = chunk.limit();
            int elsewhere = number % 2 == 0 ? 0 : limit;
            boolean found;
            int left;
            try {
                found = look.at(chunk.position(elsewhere), start, place);
            } finally {
                left = chunk.position();
                chunk.position(position);
            }
            Violation.unless(
                    left == elsewhere,
                    name + " moved the position of the chunk from " + elsewhere + " to " + left
                            + ", which is only to be looked at");
            Violation.unless(
                    chunk.limit() == limit,
                    name + " changed the limit of the chunk from " + limit + " to " + chunk.limit());
            return found;
        }

        private static String told(String name, ByteBuffer chunk, int start, FramePlace place) {
            return name + " told of a frame of " + place.length() + " bytes at index " + place.start()
                    + " that ends at " + place.end() + ", in a chunk from " + start + " to " + chunk.limit();
        }

        private boolean pass(int start, FramePlace place) {
            passed(place.end() - start);
            found();
            return true;
        }
    }

    /** Counts the calls, of which a loop that makes no progress has no end. */
    private static final class WatchedSink implements FrameSink {

        private final FrameSink sink;
        private final String caller;
        private final int bytes;
        private int calls;

        WatchedSink(FrameSink sink, String caller, int bytes) {
            this.sink = sink;
            this.caller = caller;
            this.bytes = bytes;
        }

        private FrameSink called() {
            Violation.unless(
                    ++calls <= CALLS + (long) CALLS_A_BYTE * bytes,
                    caller + " makes no progress: it called the sink " + calls + " times for " + bytes + " bytes");
            return sink;
        }

        @Override
        public void expect(long frameLength) {
            called().expect(frameLength);
        }

        @Override
        public void expect(long frameLength, long wireLength) {
            called().expect(frameLength, wireLength);
        }

        @Override
        public void append(ByteBuffer chunk, int length) {
            called().append(chunk, length);
        }

        @Override
        public boolean appendRest(ByteBuffer chunk, long length) {
            return called().appendRest(chunk, length);
        }

        @Override
        public void append(byte value) {
            called().append(value);
        }

        @Override
        public void skip(ByteBuffer chunk, int length) {
            called().skip(chunk, length);
        }

        @Override
        public void begin(int length) {
            called().begin(length);
        }

        @Override
        public void invalid(FramingException cause) {
            called().invalid(cause);
        }

        @Override
        public boolean keepsFrame() {
            return called().keepsFrame();
        }
    }

    /** A framing whose decoders' calls, and the calls that they make, are counted. */
    static final class Counted implements Framing {

        private final Framing framing;
        private long calls;

        Counted(Framing framing) {
            this.framing = framing;
        }

        long calls() {
            return calls;
        }

        @Override
        public FrameDecoder newDecoder() {
            FrameDecoder decoder = framing.newDecoder();
            return new FrameDecoder() {
                @Override
                public boolean decode(ByteBuffer chunk, FrameSink frame) {
                    WatchedSink sink = new WatchedSink(frame, "decode()", chunk.remaining());
                    try {
                        return decoder.decode(chunk, sink);
                    } finally {
                        calls += 1 + sink.calls;
                    }
                }

                @Override
                public boolean complete(FrameSink frame) {
                    return decoder.complete(frame);
                }
            };
        }

        @Override
        public FrameEncoder newEncoder() {
            return framing.newEncoder();
        }

        @Override
        public String toString() {
            return framing.toString();
        }
    }
}
