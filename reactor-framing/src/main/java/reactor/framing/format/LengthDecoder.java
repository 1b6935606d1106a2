package reactor.framing.format;

import static reactor.framing.format.HeaderReader.BAD;
import static reactor.framing.format.HeaderReader.MORE;

import java.nio.ByteBuffer;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameFinder;
import reactor.framing.FramePlace;
import reactor.framing.FrameSink;
import reactor.framing.FramingException;

/**
 * Reads frames whose first bytes, the header, tell how long they are. What a header tells is the {@link
 * HeaderReader}'s. Here is the rest, which is the same for all formats with a length: a header that chunks cut, the
 * search for the next marker behind a fault, and what of a frame is delivered.
 *
 * <pre>
 *                   a whole header                    the frame's last byte
 * in the chunk  --------------------&gt;  in the frame  -----------------------&gt;  (a frame)
 *   |      \                             ^
 *   |       \ part of one                | a whole header
 *   | a bad  \                           |
 *   | one     ---------------------&gt;  held  &lt;---+
 *   |                                    |      | the next place where a marker may begin
 *   +-----------------------------------&gt;+------+
 * </pre>
 *
 * <p>A bad header is a fault. If there is a marker, the search goes on at the byte behind the false start. A frame that
 * would end inside the bytes of that false start is passed over with them: what has been read stays read, and whatever
 * is behind a frame is still in the chunk.
 */
class LengthDecoder implements FrameFinder {

    /**
     * What is in a frame besides its header.
     *
     * @param marker the first bytes of every frame; if there are none, a fault ends the stream
     * @param strip how many of a frame's first bytes are not delivered, or {@link #HEADER}
     * @param endMark the last bytes of every frame
     * @param stripEnd how many of a frame's last bytes are not delivered
     */
    record Shape(byte[] marker, int strip, byte[] endMark, int stripEnd) {

        /** All bytes of the header are not delivered. */
        static final int HEADER = -1;
    }

    /** Twice what a header has at most, which is what a search needs. */
    private static final int MOST_ROOM = 64 * 1024;

    private static final int LEAST_ROOM = 16;

    private static final byte[] NO_BYTES = {};

    /** Shared, as nothing can be put into it. */
    private static final ByteBuffer NO_ROOM = ByteBuffer.wrap(NO_BYTES);

    private final HeaderReader reader;
    private final Shape shape;
    private final byte[] marker;
    private final byte[] endMark;

    /** Whether a frame's last bytes are delivered and may be any. */
    private final boolean endsPlainly;

    /** Bytes that have been read of a header that is cut or bad, and where they are. */
    private ByteBuffer room = NO_ROOM;

    private int from;
    private int held;

    /** How many bytes of the marker are known to be there. */
    private int matched;

    /** How many bytes of a bad frame have been looked at, and what is wrong with them unless the reader knows. */
    private int looked;

    private boolean markerIsWrong;
    private long tooShort;

    /** Where in the chunk, which is to be decoded next then, {@link #find} has looked, and what it has seen; or -1. */
    private int foundAt = -1;

    private long found;

    /** Whether a fault is being passed over, up to a good header. */
    private boolean searching;

    private boolean inFrame;

    /** The length of the frame on the wire, and how much of that has been handed over or passed. */
    private long length;

    private long at;

    private int stripped;

    /** The bytes where the end mark has to be, and whether they are others. */
    private final byte[] end;

    private boolean endIsWrong;

    LengthDecoder(HeaderReader reader, Shape shape) {
        this.reader = reader;
        this.shape = shape;
        marker = shape.marker;
        endMark = shape.endMark;
        endsPlainly = endMark.length == 0 && shape.stripEnd == 0;
        end = endMark.length == 0 ? NO_BYTES : new byte[endMark.length];
    }

    /** Whether this can be the marker's byte at the index. */
    boolean isMarker(byte value, int index) {
        return value == marker[index];
    }

    /** Whether every frame has to begin with the marker, and not only the first one behind a fault. */
    boolean needsMarker() {
        return true;
    }

    /** Called where a frame begins of which nothing is known yet. */
    void frameBegins(FrameSink frame) {}

    @Override
    public boolean find(ByteBuffer chunk, int start, FramePlace place) {
        int available = chunk.limit() - start;
        long length = look(chunk, start, available);
        if (length < 0 || length > available) {
            return false;
        }
        int frameEnd = start + (int) length;
        if (!isAt(chunk, frameEnd - endMark.length, endMark)) {
            return false;
        }
        int stripped = stripped();
        place.set(start + stripped, (int) length - stripped - shape.stripEnd, frameEnd);
        return true;
    }

    @Override
    public boolean findCut(ByteBuffer chunk, int start, FramePlace place) {
        long length = foundAt == start ? found : look(chunk, start, chunk.limit() - start);
        boolean cut = length >= 0 && placeCut(chunk, start, length, stripped(), place);
        if (cut) {
            foundAt = -1;
        }
        return cut;
    }

    /** Has {@link #findCut} look by itself: for those whose {@link #find} remembers nothing. */
    final void forgetFound() {
        foundAt = -1;
    }

    /** Measures the frame that begins here, and remembers it for {@link #decode} if that is called next. */
    private long look(ByteBuffer chunk, int start, int available) {
        begin();
        long length = measure(chunk, start, available);
        // nothing is decoded next of a chunk that is used up, or of a frame that is found
        if (length != BAD && available > 0 && (length < 0 || length > available)) {
            foundAt = start;
            found = length;
        }
        return length;
    }

    /** Tells where a frame lies that is longer than the chunk; false if that is not all there is to it. */
    final boolean placeCut(ByteBuffer chunk, int start, long length, int stripped, FramePlace place) {
        int available = chunk.limit() - start;
        if (!endsPlainly || length <= available || length > Integer.MAX_VALUE - start || stripped > available) {
            return false;
        }
        place.set(start + stripped, (int) length - stripped, start + (int) length);
        return true;
    }

    /** Whether these bytes are there, all of which are in the chunk. */
    static boolean isAt(ByteBuffer chunk, int start, byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (chunk.get(start + i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean decode(ByteBuffer chunk, FrameSink frame) {
        for (; ; ) {
            if (!inFrame && !readHeader(chunk, frame)) {
                return false;
            }
            take(chunk, frame);
            if (at < length) {
                return false;
            }
            inFrame = false;
            if (!endIsWrong) {
                return true;
            }
            endIsWrong = false;
            begin();
            fail(
                    new CorruptFrameException("expected the end mark " + Hex.of(endMark) + " but found " + Hex.of(end)),
                    frame);
        }
    }

    // ---- the header

    private void begin() {
        matched = 0;
        foundAt = -1;
        reader.begin();
    }

    /** Reads up to the end of a header that is good, which may be in the chunk still; false if the chunk is used up. */
    private boolean readHeader(ByteBuffer chunk, FrameSink frame) {
        if (held == 0 && !searching) {
            int start = chunk.position();
            frameBegins(frame);
            boolean isKnown = foundAt == start;
            long known = found;
            if (!isKnown) {
                begin();
            }
            foundAt = -1;
            long length = isKnown ? known : measure(chunk, start, chunk.remaining());
            if (length >= 0) {
                startFrame(length, frame);
                return true;
            }
            if (length == MORE) {
                hold(chunk, chunk.remaining());
                return false;
            }
            hold(chunk, looked);
            passFalseStart(frame);
        }
        for (; ; ) {
            long length = measure(room, from, held);
            if (length >= 0 && length < held) {
                length = BAD;
            }
            if (length >= 0) {
                startFrame(length, frame);
                take(room.clear().position(from).limit(from + held), frame);
                room.clear();
                from = 0;
                held = 0;
                return true;
            }
            if (length == BAD) {
                passFalseStart(frame);
                continue;
            }
            if (searching && held == 0) {
                skipToMarker(chunk, frame);
            }
            if (!chunk.hasRemaining()) {
                return false;
            }
            hold(chunk, Math.min(reader.needed - held, chunk.remaining()));
        }
    }

    /** The length on the wire of the frame that begins here, {@link HeaderReader#MORE} or {@link HeaderReader#BAD}. */
    private long measure(ByteBuffer bytes, int start, int available) {
        markerIsWrong = false;
        tooShort = -1;
        if (searching || needsMarker()) {
            int n = Math.min(available, marker.length);
            while (matched < n) {
                if (!isMarker(bytes.get(start + matched), matched)) {
                    looked = matched + 1;
                    markerIsWrong = true;
                    return BAD;
                }
                matched++;
            }
            if (n < marker.length) {
                reader.needed = n + 1;
                return MORE;
            }
        }
        long length = reader.read(bytes, start, available);
        looked = reader.size;
        if (length >= 0 && length < shortest() && !endsInHeader(bytes, start, length)) {
            tooShort = length;
            return BAD;
        }
        return length;
    }

    private int stripped() {
        return shape.strip == Shape.HEADER ? reader.size : shape.strip;
    }

    private long shortest() {
        return Math.max(headerSize() + endMark.length, stripped() + shape.stripEnd);
    }

    /** The marker belongs to the header, also where the reader needs less to tell the length. */
    private int headerSize() {
        return needsMarker() ? Math.max(reader.size, marker.length) : reader.size;
    }

    /** Whether the header is the whole frame, and has the end mark. */
    private boolean endsInHeader(ByteBuffer bytes, int start, long length) {
        return reader.mayHaveEndMark()
                && length == reader.size
                && length >= Math.max(marker.length + endMark.length, stripped())
                && shape.stripEnd == 0
                && isAt(bytes, start + reader.size - endMark.length, endMark);
    }

    private void startFrame(long length, FrameSink frame) {
        searching = false;
        inFrame = true;
        this.length = length;
        at = 0;
        stripped = stripped();
        frame.expect(length - stripped - shape.stripEnd, length);
    }

    private void hold(ByteBuffer chunk, int n) {
        int to = from + held;
        if (to + n > room.capacity()) {
            // What is held moves on in a search. It is moved back only when that frees half of the room.
            boolean enough = from >= room.capacity() / 2 && held + n <= room.capacity();
            ByteBuffer target = enough ? room : ByteBuffer.allocate(Math.max(held + n, roomier()));
            target.clear().put(0, room, from, held);
            room = target;
            from = 0;
            to = held;
        }
        int start = chunk.position();
        room.put(to, chunk, start, n);
        chunk.position(start + n);
        held += n;
    }

    private int roomier() {
        return Math.max(LEAST_ROOM, Math.min(2 * room.capacity(), MOST_ROOM));
    }

    // ---- faults

    private void passFalseStart(FrameSink frame) {
        if (!searching) {
            fail(fault(), frame);
        }
        int next = markerIsWrong ? 1 : reader.hopeless;
        while (next < held && !mayStartAt(next)) {
            next++;
        }
        from += next;
        held -= next;
        matched = 0;
        reader.moveOn(next);
        frame.begin(held);
    }

    private void fail(FramingException fault, FrameSink frame) {
        if (marker.length == 0) {
            throw fault;
        }
        frame.invalid(fault);
        searching = true;
    }

    private FramingException fault() {
        if (markerIsWrong) {
            return wrongMarker(marker, room, from, looked);
        }
        if (tooShort < 0) {
            return reader.fault(room, from);
        }
        String text = reader.said(room, from) + " makes a frame of " + tooShort + " bytes, ";
        int size = headerSize();
        return new CorruptFrameException(
                tooShort < size
                        ? text + "shorter than its header of " + size + " bytes"
                        : tooShort < size + endMark.length
                                ? text + "too short for an end mark behind its header of " + size + " bytes"
                                : text + "of which " + (stripped() + shape.stripEnd) + " are to be stripped");
    }

    static CorruptFrameException wrongMarker(byte[] marker, ByteBuffer bytes, int start, int known) {
        byte[] found = new byte[known];
        bytes.get(start, found);
        return new CorruptFrameException("expected the marker " + Hex.of(marker) + " but found " + Hex.of(found));
    }

    private boolean mayStartAt(int index) {
        int known = Math.min(marker.length, held - index);
        for (int i = 0; i < known; i++) {
            if (!isMarker(room.get(from + index + i), i)) {
                return false;
            }
        }
        return true;
    }

    private void skipToMarker(ByteBuffer chunk, FrameSink frame) {
        int start = chunk.position();
        int i = start;
        while (i < chunk.limit() && !isMarker(chunk.get(i), 0)) {
            i++;
        }
        if (i > start) {
            frame.skip(chunk, i - start);
        }
    }

    // ---- the frame

    /** Hands over what the buffer has of the frame, as far as it is to be delivered. */
    private void take(ByteBuffer source, FrameSink frame) {
        int start = source.position();
        int n = (int) Math.min(length - at, source.remaining());
        if (at >= stripped && endsPlainly) {
            // the usual case: all is delivered
            if (length - at > n && n > 0 && frame.appendRest(source, length - at)) {
                at = length;
            } else if (n > 0) {
                frame.append(source, n);
                at += n;
            }
            return;
        }
        if (endMark.length > 0) {
            compareEnd(source, start, n);
        }
        int lead = (int) Math.min(n, Math.max(0, stripped - at));
        int delivered = (int) Math.min(n, Math.max(lead, length - shape.stripEnd - at)) - lead;
        if (delivered > 0) {
            frame.append(source.position(start + lead), delivered);
        }
        source.position(start + n);
        at += n;
    }

    private void compareEnd(ByteBuffer source, int start, int n) {
        long endStart = length - endMark.length;
        for (long i = Math.max(at, endStart); i < at + n; i++) {
            int index = (int) (i - endStart);
            end[index] = source.get(start + (int) (i - at));
            endIsWrong |= end[index] != endMark[index];
        }
    }
}
