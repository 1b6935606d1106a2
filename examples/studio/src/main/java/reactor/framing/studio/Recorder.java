package reactor.framing.studio;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameSink;
import reactor.framing.Framing;
import reactor.framing.FramingException;
import reactor.framing.studio.WireFrame.Fate;

/**
 * A framing that watches another: it passes everything on, and writes down what becomes of each byte. It knows no
 * format. What the decoder appends is delivered, what it skips belongs to no frame, and what it reads and hands to
 * nobody is header, delimiter or escape; which of these, the {@link Anatomy} tells.
 */
final class Recorder implements Framing {

    private final Framing framing;
    private final Anatomy anatomy;
    private final byte[] stream;
    private final Log log;

    private final Fate[] fates;

    /** What has been told of each byte, so that nothing is told twice. */
    private final Step.Mark[] told;

    /** Frames that have ended and were not delivered yet. */
    private final Deque<WireFrame> ended = new ArrayDeque<>();

    /** The number of bytes that the decoder has moved over. */
    private int consumed;

    /** The number of bytes that it has looked at: a header may be known before it is moved over. */
    private int read;

    /** Where the unfinished frame begins, or -1. */
    private int frameStart = -1;

    private int lastEnd;
    private long frameIndex;
    private long expected = -1;

    /** From where on bytes were skipped that have not been told of, as a frame may still begin with them; or -1. */
    private int skippedFrom = -1;

    /** Told of what is recorded. */
    interface Log {
        void add(String type, String text, List<Step.Mark> marks);
    }

    Recorder(Framing framing, Anatomy anatomy, byte[] stream, Log log) {
        this.framing = framing;
        this.anatomy = anatomy;
        this.stream = stream;
        this.log = log;
        fates = new Fate[stream.length];
        Arrays.fill(fates, Fate.UNREAD);
        told = new Step.Mark[stream.length];
    }

    @Override
    public FrameDecoder newDecoder() {
        return new Decoder(framing.newDecoder());
    }

    @Override
    public FrameEncoder newEncoder() {
        return framing.newEncoder();
    }

    int read() {
        return read;
    }

    int frameStart() {
        return frameStart;
    }

    int received() {
        return frameStart < 0 ? 0 : read - frameStart;
    }

    long expected() {
        return expected;
    }

    /** What the decoder waits for. */
    String waits() {
        if (frameStart < 0) {
            return "nothing of the next frame is here";
        }
        int received = received();
        if (expected >= 0) {
            return "payload short by " + count(expected - received, "byte") + ": " + received + " of " + expected
                    + " bytes of the frame are here";
        }
        int header = anatomy.headerLength(open());
        return header > received
                ? "header not whole: " + received + " of " + header + " bytes are here"
                : anatomy.awaited() + " has not come";
    }

    /** The frame that was delivered just now; null if its place is not known. */
    WireFrame delivered() {
        return ended.poll();
    }

    /** Takes note of a report that bytes were passed over. */
    List<Step.Mark> passedOver(FramingException fault) {
        int from = (int) fault.offset();
        int to = (int) Math.min(stream.length, from + fault.skippedBytes());
        ended.removeIf(frame -> frame.start() >= from && frame.start() < to);
        Arrays.fill(fates, from, to, Fate.SKIPPED);
        return changes(from, to);
    }

    private WireFrame open() {
        return new WireFrame(frameIndex, stream, frameStart, read - frameStart, fates, false);
    }

    /** Bytes that were read, up to here, without being handed to anybody. */
    private void readUpTo(int position, boolean endsFrame) {
        if (position > read) {
            int from = read;
            openAt(from);
            Arrays.fill(fates, from, position, Fate.READ);
            read = position;
            tell(from, position, endsFrame);
        }
    }

    private void openAt(int position) {
        if (frameStart < 0) {
            frameStart = position;
        }
    }

    private void deliver(int from, int to) {
        openAt(from);
        Arrays.fill(fates, from, to, Fate.DELIVERED);
        read = Math.max(read, to);
        tell(from, to, false);
    }

    /** Bytes that the decoder kept turn out to be delivered: the first of those that can be. */
    private void deliverKept(int length) {
        if (frameStart < 0) {
            return;
        }
        int left = length;
        int from = frameStart + Math.min(read - frameStart, anatomy.undelivered(open()));
        for (int i = from; i < read && left > 0; i++) {
            if (fates[i] == Fate.READ) {
                fates[i] = Fate.DELIVERED;
                left--;
            }
        }
        tell(frameStart, read, false);
    }

    private void skip(int from, int to) {
        Arrays.fill(fates, from, to, Fate.SKIPPED);
        read = Math.max(read, to);
        if (skippedFrom < 0) {
            skippedFrom = from;
        }
    }

    /** A frame begins with the bytes read last; what was read before them since the last frame belongs to none. */
    private void beginWith(int position, int length) {
        int start = position - length;
        int from = frameStart < 0 ? Math.max(lastEnd, start) : Math.min(frameStart, start);
        Arrays.fill(fates, from, start, Fate.SKIPPED);
        Arrays.fill(fates, start, read, Fate.READ);
        frameStart = length == 0 ? -1 : start;
        tell(from, read, true);
    }

    /** What was read since the last frame, up to here, breaks the format's rules. */
    private void giveUp(int position, String type, String text) {
        int from = frameStart < 0 ? Math.min(read, position) : frameStart;
        read = Math.max(read, position);
        Arrays.fill(fates, from, read, Fate.SKIPPED);
        frameStart = -1;
        expected = -1;
        if (read > from) {
            log.add(type, Bytes.shown(stream, from, read) + text, changes(from, read));
        }
    }

    private void endFrame(int readAhead) {
        int end = consumed - readAhead;
        if (frameStart >= 0) {
            WireFrame whole = new WireFrame(frameIndex, stream, frameStart, end - frameStart, fates, true);
            ended.add(whole);
            log.add(
                    "whole",
                    "The frame is whole: " + count(whole.length(), "byte") + " on the wire.",
                    changes(whole, frameStart, end));
        }
        frameIndex++;
        expected = -1;
        lastEnd = end;
        frameStart = -1;
        if (readAhead > 0) {
            frameStart = end;
            Arrays.fill(fates, end, read, Fate.READ);
            tell(end, read, false);
        }
    }

    // ---- what is told

    private void tell(int from, int to, boolean isSure) {
        int start = skippedFrom < 0 ? from : Math.min(skippedFrom, from);
        skippedFrom = -1;
        for (Step.Mark mark : changes(start, to)) {
            log.add("read", sentence(mark, isSure), List.of(mark));
        }
    }

    private void tellSkipped() {
        if (skippedFrom >= 0) {
            tell(skippedFrom, read, true);
        }
    }

    private String sentence(Step.Mark mark, boolean isSure) {
        String bytes = Bytes.shown(stream, mark.from(), mark.to());
        boolean one = mark.to() - mark.from() == 1;
        String is = bytes + (one ? " is " : " are ");
        if (mark.as() != null) {
            return bytes + " stands for " + mark.as() + ".";
        }
        return switch (mark.role()) {
            case MARKER -> is + "the marker" + part(mark) + ".";
            case HEADER -> is + "header.";
            case LENGTH -> is + "the length" + part(mark) + ".";
            case PAYLOAD -> is + "payload.";
            case DELIMITER ->
                isSure || !anatomy.mayBePart() ? is + "the delimiter." : bytes + " may begin a delimiter.";
            case ESCAPE -> is + "an escape: the byte behind it is data.";
            case SKIPPED -> bytes + (one ? " belongs" : " belong") + " to no frame.";
        };
    }

    /** Says so if bytes are only part of a header field that goes on in the next chunk. */
    private String part(Step.Mark mark) {
        if (frameStart < 0 || mark.to() != read || mark.to() >= stream.length) {
            return "";
        }
        WireFrame next = new WireFrame(frameIndex, stream, frameStart, read + 1 - frameStart, fates, false);
        int offset = mark.to() - frameStart;
        boolean isLong = anatomy.headerLength(open()) > offset || anatomy.headerLength(open()) < 0;
        return isLong && anatomy.role(next, offset) == mark.role() ? ", but not all of it" : "";
    }

    private List<Step.Mark> changes(int from, int to) {
        return changes(frameStart < 0 ? null : open(), from, to);
    }

    /** What is known now of these bytes and has not been told, as runs of the same kind. */
    private List<Step.Mark> changes(WireFrame frame, int from, int to) {
        List<Step.Mark> marks = new ArrayList<>();
        Step.Mark run = null;
        for (int i = from; i < to; i++) {
            Step.Mark mark = mark(frame, i);
            if (mark.equals(told[i])) {
                run = null;
                continue;
            }
            // what an escaped byte stands for is told once, when it is read
            boolean known = told[i] != null && told[i].as() != null && fates[i] == Fate.REPLACED;
            if (known) {
                run = null;
                continue;
            }
            told[i] = mark;
            if (run != null && run.role() == mark.role() && run.delivered() == mark.delivered() && mark.as() == null) {
                run = new Step.Mark(run.from(), i + 1, run.role(), run.delivered(), null);
                marks.set(marks.size() - 1, run);
            } else {
                run = mark;
                marks.add(run);
            }
        }
        return marks;
    }

    private Step.Mark mark(WireFrame frame, int at) {
        boolean isIn = frame != null && at >= frame.start();
        Role role = fates[at] == Fate.SKIPPED || !isIn ? Role.SKIPPED : anatomy.role(frame, at - frame.start());
        return new Step.Mark(at, at + 1, role, fates[at] == Fate.DELIVERED, null);
    }

    private void replaced(byte value) {
        int at = read - 1;
        if (frameStart < 0 || at < frameStart) {
            return;
        }
        fates[at] = Fate.REPLACED;
        Role role = anatomy.role(open(), at - frameStart);
        Step.Mark mark = new Step.Mark(at, at + 1, role, true, HexFormat.of().toHexDigits(value));
        told[at] = mark;
        log.add("read", sentence(mark, true), List.of(mark));
    }

    static String count(long n, String what) {
        return n + " " + what + (n == 1 ? "" : "s");
    }

    private final class Decoder implements FrameDecoder {

        private final FrameDecoder decoder;

        Decoder(FrameDecoder decoder) {
            this.decoder = decoder;
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            Sink sink = new Sink(frame, chunk, consumed - chunk.position());
            boolean ended;
            try {
                ended = decoder.decode(chunk, sink);
            } catch (RuntimeException e) {
                tellSkipped();
                if (sink.position() > read) {
                    giveUp(sink.position(), "read", " cannot be, by the rules of the format.");
                }
                throw e;
            }
            consumed = sink.position();
            readUpTo(consumed, ended);
            tellSkipped();
            if (ended) {
                endFrame(Math.max(0, sink.begun));
            } else {
                sink.settle();
            }
            return ended;
        }

        @Override
        public boolean complete(FrameSink frame) {
            Sink sink = new Sink(frame, ByteBuffer.allocate(0), consumed);
            boolean last = decoder.complete(sink);
            if (last) {
                endFrame(Math.max(0, sink.begun));
            } else {
                sink.settle();
            }
            return last;
        }
    }

    private final class Sink implements FrameSink {

        private final FrameSink sink;
        private final ByteBuffer chunk;

        /** The stream offset of the chunk's index 0. */
        private final int base;

        /** How many bytes before {@link #begunAt} may begin a frame: the next one, if one ends now. -1 if none may. */
        private int begun = -1;

        private int begunAt;

        Sink(FrameSink sink, ByteBuffer chunk, int base) {
            this.sink = sink;
            this.chunk = chunk;
            this.base = base;
        }

        int position() {
            return base + chunk.position();
        }

        private void readUpToHere() {
            readUpTo(position(), false);
        }

        @Override
        public void expect(long frameLength) {
            expect(frameLength, -1);
        }

        @Override
        public void expect(long frameLength, long wireLength) {
            settle();
            readUpToHere();
            showHeader();
            if (expected != wireLength) {
                expected = wireLength;
                String takes = wireLength < 0 ? "." : ", and takes " + wireLength + " on the wire.";
                log.add("expect", "The frame has " + count(frameLength, "byte") + takes, List.of());
            }
            sink.expect(frameLength, wireLength);
        }

        /** Whoever knows the length has read the header, although it may not have been moved over yet. */
        private void showHeader() {
            if (frameStart >= 0) {
                return;
            }
            WireFrame seen = new WireFrame(frameIndex, stream, position(), chunk.remaining(), fates, false);
            int header = Math.min(anatomy.headerLength(seen), chunk.remaining());
            for (int i = 0; i < header; i++) {
                if (anatomy.role(seen, i) == Role.LENGTH) {
                    readUpTo(position() + header, false);
                    return;
                }
            }
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // the chunk itself, not one with the same bytes
        public void append(ByteBuffer source, int length) {
            settle();
            int from = position();
            readUpToHere();
            sink.append(source, length);
            if (source != chunk) {
                deliverKept(length);
            } else if (length > 0) {
                deliver(from, from + length);
            }
        }

        @Override
        public void append(byte value) {
            settle();
            readUpToHere();
            sink.append(value);
            replaced(value);
        }

        @Override
        public void skip(ByteBuffer source, int length) {
            settle();
            int from = position();
            readUpToHere();
            sink.skip(source, length);
            if (length > 0) {
                Recorder.this.skip(from, from + length);
            }
        }

        @Override
        public void begin(int length) {
            settle();
            readUpToHere();
            sink.begin(length);
            begun = length;
            begunAt = position();
        }

        /** A frame goes on, or no frame has ended: what may have begun has begun. */
        void settle() {
            if (begun >= 0) {
                beginWith(begunAt, begun);
                begun = -1;
            }
        }

        @Override
        public void invalid(FramingException cause) {
            settle();
            sink.invalid(cause);
            tellSkipped();
            giveUp(position(), "lost", " cannot be, by the rules of the format. The decoder looks for the next frame.");
        }

        @Override
        public boolean keepsFrame() {
            return sink.keepsFrame();
        }
    }
}
