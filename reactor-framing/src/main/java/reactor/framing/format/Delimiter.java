package reactor.framing.format;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.framing.CorruptFrameException;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameFinder;
import reactor.framing.FramePlace;
import reactor.framing.FrameSink;
import reactor.framing.Framing;

/**
 * Frames that end in a delimiter: any number of delimiters, each of any length. On the wire a frame is
 *
 * <pre>
 * +---------+-----------+
 * | payload | delimiter |
 * +---------+-----------+
 * </pre>
 *
 * and what is delivered is the payload, unless {@link #keepDelimiter()} says otherwise. Of several delimiters in the
 * stream the one that begins first ends the frame; of those that begin at the same byte, the longest. A delimiter that
 * the next byte could turn into a longer one therefore waits for that byte, or for the end of the stream. Frames may be
 * empty.
 *
 * <h2>Worked examples</h2>
 *
 * <p>{@code Delimiter.lines()}: LF or CRLF, and the last line needs neither. A CR without LF is part of the line.
 *
 * <pre>
 * wire   68 69 0a 70 69 6e 67 0d 0a 0a 61 0d 62
 * frames "hi", "ping", "", "a\rb"
 * </pre>
 *
 * <p>{@code Delimiter.of("\r\n").keepDelimiter()}: the delimiter is part of the frame.
 *
 * <pre>
 * wire   68 69 0d 0a 61 0a 62 0d 0a
 * frames "hi\r\n", "a\nb\r\n"
 * </pre>
 *
 * <p>{@code Delimiter.of("\r", "\r\n")}: one is the start of the other; wherever chunks are cut, the longer one wins.
 *
 * <pre>
 * wire   61 0d | 0a 62 0d | 63 0d 0a
 * frames "a", "b", "c"
 * </pre>
 *
 * <p>{@code Delimiter.universalLines()}: CR, LF or CRLF, and no line is waited for, since an LF behind a CR belongs to
 * no line.
 *
 * <pre>
 * wire   61 0d | 0a 62 0d 0d 63 0a 64
 * frames "a", "b", "", "c", "d"
 * </pre>
 *
 * <p>{@code Delimiter.of("--end--")}: half a delimiter is data.
 *
 * <pre>
 * wire   61 2d 2d 65 6e 2d 2d 65 6e 64 2d 2d    "a--en--end--"
 * frame  61 2d 2d 65 6e                         "a--en"
 * </pre>
 *
 * <h2>Delimiters that are waited for</h2>
 *
 * <p>With {@code Delimiter.of("#\r\n", "#")}, {@code "*ET,1,HB#"} is no frame before the next byte is there: it could
 * be CR. A device that sends this and waits for an answer waits for ever, and a {@link
 * reactor.framing.FrameCodec#frameTimeout frameTimeout} then accuses it. Where a line end may or may not follow, give
 * the shorter delimiter alone and pass the line end over: {@code SkipBetween.of(Delimiter.of("#"), "\r\n")}. For CR
 * beside CRLF, use {@link #universalLines()}.
 *
 * <h2>Faults</h2>
 *
 * <p>No byte is corrupt. A frame over the limit is reported when it has one byte more than the limit, bytes that may
 * still prove to be a delimiter not counted; under {@code skipInvalid} it is passed over up to the next delimiter. When
 * the stream ends, half a delimiter is data, and data without a delimiter behind it a truncated frame, or with {@link
 * #unterminatedLast()} the last frame.
 *
 * <h2>Encoding</h2>
 *
 * <p>The encoder writes the frame and the first delimiter given (LF for {@link #lines()}); with {@link
 * #keepDelimiter()} the frame brings its delimiter. A frame that could be read differently, alone or between any
 * others, is a {@link CorruptFrameException}: one that contains a delimiter, one whose end together with the delimiter
 * behind it forms an earlier one ({@code "a"} before {@code "aa"}, {@code "x\r"} in {@link #lines()}) or may do so with
 * what comes next, and one whose start makes the delimiter in front of it longer ({@code "\nB"} where {@code "\r"} and
 * {@code "\r\n"} both delimit).
 */
public final class Delimiter implements Framing {

    /** What is wrong with such a frame. */
    static final String LONGER = "frame begins with bytes that may make the delimiter before it a longer one";

    private static final byte[] LF = {'\n'};
    private static final byte[] CRLF = {'\r', '\n'};
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder())
            .withInvokeExactBehavior();
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;

    private final byte[][] delimiters;
    private final Node root;

    /** Whether the delimiters are LF and CRLF, so that only LF has to be looked for. */
    private final boolean lineEnds;

    /**
     * Whether all delimiters begin with the same byte, or {@link #lineEnds}: a byte that can be searched by the word.
     */
    private final boolean searchable;

    /** That byte, eight times. */
    private final long pattern;

    /** Whether that byte ends a frame by itself. */
    private final boolean oneByteEnds;

    /**
     * Whether a decoder may have to read bytes behind a delimiter that turn out not to belong to it: where another
     * delimiter contains this one and goes on for two bytes or more.
     */
    private final boolean readsAhead;

    private final boolean keepDelimiter;
    private final boolean unterminatedLast;

    private Delimiter(byte[][] delimiters, Node root, boolean keepDelimiter, boolean unterminatedLast) {
        this.delimiters = delimiters;
        this.root = root;
        this.keepDelimiter = keepDelimiter;
        this.unterminatedLast = unterminatedLast;
        lineEnds = delimiters.length == 2
                && (Arrays.equals(delimiters[0], LF) && Arrays.equals(delimiters[1], CRLF)
                        || Arrays.equals(delimiters[0], CRLF) && Arrays.equals(delimiters[1], LF));
        byte first = lineEnds ? LF[0] : delimiters[0][0];
        searchable = lineEnds || Arrays.stream(delimiters).allMatch(delimiter -> delimiter[0] == first);
        pattern = (first & 0xFF) * ONES;
        oneByteEnds = lineEnds || delimiters.length == 1 && delimiters[0].length == 1;
        readsAhead = readsAhead(delimiters);
    }

    /**
     * Creates a format whose frames end in any of the delimiters.
     *
     * @param delimiters the delimiters; the first is the one that is written
     * @return a new format
     * @throws IllegalArgumentException if there are none, or one is empty
     */
    public static Delimiter of(byte[]... delimiters) {
        if (delimiters.length == 0) {
            throw new IllegalArgumentException("at least one delimiter is needed, there were none");
        }
        Set<ByteBuffer> distinct = new LinkedHashSet<>();
        for (int i = 0; i < delimiters.length; i++) {
            Objects.requireNonNull(delimiters[i], "delimiter");
            if (delimiters[i].length == 0) {
                throw new IllegalArgumentException("a delimiter must not be empty, number " + i + " was");
            }
            distinct.add(ByteBuffer.wrap(delimiters[i].clone()));
        }
        byte[][] copies = distinct.stream().map(ByteBuffer::array).toArray(byte[][]::new);
        return new Delimiter(copies, compile(copies), false, false);
    }

    /**
     * Creates a format whose frames end in any of the delimiters, in UTF-8.
     *
     * @param delimiters the delimiters; the first is the one that is written
     * @return a new format
     * @throws IllegalArgumentException if there are none, or one is empty
     */
    public static Delimiter of(String... delimiters) {
        byte[][] bytes = new byte[delimiters.length][];
        for (int i = 0; i < delimiters.length; i++) {
            bytes[i] = Objects.requireNonNull(delimiters[i], "delimiter").getBytes(StandardCharsets.UTF_8);
        }
        return of(bytes);
    }

    /**
     * Creates a format of lines: a frame ends in LF or CRLF, of which LF is written, and the last line needs no end, as
     * with {@link #unterminatedLast()}. For lines of which each has to have its end, use {@code of("\n", "\r\n")}.
     *
     * @return a new format
     */
    public static Delimiter lines() {
        return of(LF, CRLF).unterminatedLast();
    }

    /**
     * Returns the format of lines that end in CR, LF or CRLF, of which LF is written; the last line needs no end. A
     * line that ends in CR is delivered at once. An LF behind it is passed over when it comes: it belongs to no line,
     * and does not count in the next one's offset. A frame that contains CR or LF is refused.
     *
     * @return the format
     */
    public static Framing universalLines() {
        return UniversalLines.INSTANCE;
    }

    /**
     * Delivers frames with their delimiter, which then counts as part of the frame's length. Frames to be written have
     * to end in one of the delimiters.
     *
     * @return a new format
     */
    public Delimiter keepDelimiter() {
        return new Delimiter(delimiters, root, true, unterminatedLast);
    }

    /**
     * Takes what comes after the last delimiter as a frame when the stream ends, instead of reporting a truncated one.
     * There is no such frame if no byte comes after the last delimiter.
     *
     * @return a new format
     */
    public Delimiter unterminatedLast() {
        return new Delimiter(delimiters, root, keepDelimiter, true);
    }

    private static boolean readsAhead(byte[][] delimiters) {
        List<String> texts = Arrays.stream(delimiters)
                .map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1))
                .toList();
        for (String longer : texts) {
            for (String shorter : texts) {
                int at = longer.indexOf(shorter);
                if (at >= 0 && longer.length() - at - shorter.length() >= 2) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Refuses a framing whose decoder may have read bytes of what follows a frame, which others cannot look at then;
     * returns one that refuses such a framing when it would go on with it.
     */
    static Framing requireNoReadAhead(Framing framing) {
        if (readsAhead(framing)) {
            throw new IllegalArgumentException(framing + " may have read bytes of what follows a frame; if these"
                    + " are bytes between frames, leave the longer delimiters out and use SkipBetween");
        }
        return framing instanceof Switching switching ? switching.refusingReadAhead() : framing;
    }

    /** Whether the framing of the first frame is such a one. */
    static boolean readsAhead(Framing framing) {
        if (framing instanceof Switching switching) {
            return readsAhead(switching.first());
        }
        return framing instanceof Delimiter delimiter
                ? delimiter.readsAhead
                : framing instanceof Wrapping wrapping && readsAhead(wrapping.wrapped());
    }

    /** Whether this byte, behind the encoder's last frame, makes the delimiter of that a longer one. */
    static boolean growsBehind(@Nullable FrameEncoder encoder, byte value) {
        return FillingEncoder.innermost(encoder) instanceof Encoder delimiter && delimiter.format.growsBy(value);
    }

    /** Whether the byte makes a delimiter behind a frame a longer one, or the beginning of one. */
    private boolean growsBy(byte value) {
        for (byte[] longer : delimiters) {
            for (byte[] written : keepDelimiter ? delimiters : new byte[][] {delimiters[0]}) {
                int n = written.length;
                if (longer.length > n && longer[n] == value && Arrays.equals(longer, 0, n, written, 0, n)) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public FrameDecoder newDecoder() {
        return new Decoder(this);
    }

    @Override
    public FrameEncoder newEncoder() {
        return new Encoder(this);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        boolean lines = unterminatedLast && lineEnds && delimiters[0].length == 1;
        if (lines) {
            text.append("Delimiter.lines()");
        } else {
            HexFormat hex = HexFormat.ofDelimiter(" ");
            List<String> all = Arrays.stream(delimiters).map(hex::formatHex).toList();
            text.append("Delimiter.of(").append(String.join(", ", all)).append(')');
        }
        if (keepDelimiter) {
            text.append(".keepDelimiter()");
        }
        if (unterminatedLast && !lines) {
            text.append(".unterminatedLast()");
        }
        return text.toString();
    }

    /** The first place in a big-endian buffer at which a delimiter may begin, or {@code to}. */
    private int nextStart(ByteBuffer buffer, int from, int to) {
        if (searchable) {
            int at = indexOf(buffer, from, to, pattern);
            return lineEnds && at > from && buffer.get(at - 1) == '\r' ? at - 1 : at;
        }
        int at = from;
        while (at < to && root.child(buffer.get(at)) == null) {
            at++;
        }
        return at;
    }

    /** The first place of the byte in a big-endian buffer, or {@code to}; the pattern is the byte, eight times. */
    private static int indexOf(ByteBuffer buffer, int from, int to, long pattern) {
        int at = from;
        for (; at <= to - Long.BYTES; at += Long.BYTES) {
            long word = buffer.getLong(at) ^ pattern;
            // cheap and enough to tell that there is a 0, but a 1 in front of it looks like one, too
            if ((word - ONES & ~word & HIGH_BITS) != 0) {
                long zeros = ~((word & ~HIGH_BITS) + ~HIGH_BITS | word | ~HIGH_BITS);
                return at + Long.numberOfLeadingZeros(zeros) / Byte.SIZE;
            }
        }
        while (at < to && buffer.get(at) != (byte) pattern) {
            at++;
        }
        return at;
    }

    /**
     * Whether the byte is there, in a buffer of either order; in an array it is searched without a branch for each
     * word.
     */
    private static boolean contains(ByteBuffer buffer, int from, int to, long pattern) {
        if (!buffer.hasArray() || to - from < Long.BYTES) {
            return indexOf(buffer, from, to, pattern) < to;
        }
        byte[] array = buffer.array();
        int last = buffer.arrayOffset() + to - Long.BYTES;
        long found = 0;
        for (int at = buffer.arrayOffset() + from; at < last; at += Long.BYTES) {
            long word = (long) LONG.get(array, at) ^ pattern;
            found |= word - ONES & ~word;
        }
        long word = (long) LONG.get(array, last) ^ pattern;
        return ((found | word - ONES & ~word) & HIGH_BITS) != 0;
    }

    /**
     * Makes the automaton: the tree of all delimiters' beginnings, and for each of them what becomes of it when the
     * next byte does not fit. Level by level, since the latter is found by shorter beginnings, of which it has to be
     * known whether they go on.
     */
    private static Node compile(byte[][] delimiters) {
        Node root = new Node(NOTHING.array(), 0, null);
        Node[] ends = new Node[delimiters.length];
        Arrays.fill(ends, root);
        List<Node> level = List.of(root);
        for (int depth = 1; !level.isEmpty(); depth++) {
            level = new ArrayList<>();
            for (int i = 0; i < delimiters.length; i++) {
                byte[] delimiter = delimiters[i];
                if (delimiter.length >= depth) {
                    Node node = ends[i].child(delimiter[depth - 1]);
                    if (node == null) {
                        node = new Node(delimiter, depth, ends[i]);
                        ends[i].add(node);
                        level.add(node);
                    }
                    node.isDelimiter |= delimiter.length == depth;
                    ends[i] = node;
                }
            }
            level.forEach(node -> node.link(root));
        }
        return root;
    }

    /** The beginning of a delimiter, which is the decoder's state after reading it. */
    private static final class Node {

        /** A delimiter that begins so, and how much of it this is. */
        private final byte[] text;

        private final int depth;
        private final Node parent;
        private boolean isDelimiter;

        /** What can come next: nothing, one node, or several by their last byte. */
        private @Nullable Node child;

        private Node @Nullable [] children;

        /**
         * What these bytes are if the next one does not fit: these parts, and then the beginning of another delimiter,
         * the longest that can still be one.
         */
        private @Nullable Part parts;

        private Node rest;

        Node(byte[] text, int depth, @Nullable Node parent) {
            this.text = text;
            this.depth = depth;
            this.parent = parent == null ? this : parent;
            rest = this;
            if (parent == null) {
                children = new Node[256];
            }
        }

        byte lastByte() {
            return text[depth - 1];
        }

        boolean isLeaf() {
            return child == null && children == null;
        }

        @Nullable
        Node child(byte value) {
            Node[] all = children;
            if (all != null) {
                return all[value & 0xFF];
            }
            Node only = child;
            return only != null && only.lastByte() == value ? only : null;
        }

        void add(Node node) {
            Node only = child;
            if (children == null && only == null) {
                child = node;
                return;
            }
            Node[] all = children;
            if (all == null) {
                all = new Node[256];
                children = all;
            }
            if (only != null) {
                all[only.lastByte() & 0xFF] = only;
                child = null;
            }
            all[node.lastByte() & 0xFF] = node;
        }

        /** Finds the parts and the rest, by those of the parent and by shorter nodes. */
        void link(Node root) {
            if (isDelimiter) {
                parts = new Part(null, -depth);
                rest = root;
            } else if (depth == 1) {
                parts = Part.ONE_BYTE_OF_DATA;
                rest = root;
            } else {
                Parts more = new Parts();
                rest = more.read(parent.rest, lastByte());
                parts = parent.parts;
                while (more.hasNext()) {
                    parts = new Part(parts, more.next());
                }
            }
        }
    }

    /**
     * Bytes of which it is known what they are: data, or if negative a delimiter. Linked from the last to the first,
     * since nodes share what comes first.
     */
    private record Part(@Nullable Part previous, int length) {

        private static final Part ONE_BYTE_OF_DATA = new Part(null, 1);
    }

    /** Parts in the order of the stream, as reading finds them. */
    private static final class Parts {

        private int[] lengths = new int[4];
        private int size;
        private int next;
        private long lookups;

        boolean hasNext() {
            return next < size;
        }

        int next() {
            int length = lengths[next++];
            if (next == size) {
                next = 0;
                size = 0;
            }
            return length;
        }

        void clear() {
            next = 0;
            size = 0;
        }

        void add(@Nullable Part last) {
            int count = 0;
            for (Part part = last; part != null; part = part.previous) {
                count++;
            }
            if (size + count > lengths.length) {
                lengths = Arrays.copyOf(lengths, 2 * (size + count));
            }
            size += count;
            int at = size;
            for (Part part = last; part != null; part = part.previous) {
                lengths[--at] = part.length;
            }
        }

        /**
         * Reads a byte. Every look at a node either takes the byte or lets go of bytes taken before, so that there are
         * at most two for each byte of the stream.
         */
        Node read(Node state, byte value) {
            Node next = state.child(value);
            lookups++;
            while (next == null && state.depth > 0) {
                add(state.parts);
                state = state.rest;
                next = state.child(value);
                lookups++;
            }
            if (next == null) {
                add(Part.ONE_BYTE_OF_DATA);
                return state;
            }
            if (next.isLeaf()) {
                add(next.parts);
                return next.rest;
            }
            return next;
        }
    }

    static final class Decoder implements FrameFinder {

        private final Delimiter format;
        private final Node root;
        private final boolean oneByteEnds;

        /** What the bytes read last may be the beginning of. */
        private Node state;

        /** What is known of the bytes before those, and has not been acted on. */
        private final Parts parts = new Parts();

        /** How many bytes before those are data that has not been handed over. */
        private int data;

        /** All of these bytes, as far as they were in earlier chunks. */
        private ByteBuffer held = NOTHING;

        /** How many of them are in this chunk: bytes behind its position that have been read. */
        private int ahead;

        /** Whether a byte has been handed over since the last delimiter. */
        private boolean inFrame;

        /** Whether a byte is what ends a frame, no half delimiter is held, and nothing has been read ahead. */
        private boolean usual;

        /**
         * From where to which end of the chunk, which is to be decoded next then, {@link #find} found no delimiter; or
         * -1.
         */
        private int searchedFrom = -1;

        private int searchedTo;

        /** Bytes passed by a search. */
        private long searched;

        Decoder(Delimiter format) {
            this.format = format;
            root = format.root;
            state = root;
            oneByteEnds = format.oneByteEnds;
            usual = oneByteEnds;
        }

        /** How often a byte has been looked at. */
        long examined() {
            return searched + parts.lookups;
        }

        @Override
        public boolean find(ByteBuffer chunk, int start, FramePlace place) {
            if (!usual) {
                return false;
            }
            int limit = chunk.limit();
            int at = indexOf(chunk, start, limit, format.pattern);
            searched += at - start;
            if (at == limit) {
                searchedFrom = start;
                searchedTo = limit;
                return false;
            }
            place.set(start, lengthUpTo(chunk, start, at), at + 1);
            return true;
        }

        /** The length of what is delivered of a frame, given the place of the byte that ends it. */
        private int lengthUpTo(ByteBuffer chunk, int start, int end) {
            if (format.keepDelimiter) {
                return end + 1 - start;
            }
            return format.lineEnds && end > start && chunk.get(end - 1) == '\r' ? end - 1 - start : end - start;
        }

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            return usual ? decodeToByte(chunk, frame) : decodeAny(chunk, frame, chunk.position() + ahead);
        }

        private boolean decodeToByte(ByteBuffer chunk, FrameSink frame) {
            int start = chunk.position();
            int limit = chunk.limit();
            int at;
            if (searchedFrom == start && searchedTo == limit) {
                at = searchedTo;
            } else {
                at = indexOf(chunk, start, limit, format.pattern);
                searched += at - start;
            }
            searchedFrom = -1;
            if (at < limit) {
                int length = lengthUpTo(chunk, start, at);
                if (length > 0) {
                    frame.append(chunk, length);
                }
                chunk.position(at + 1);
                inFrame = false;
                return true;
            }
            if (format.lineEnds && at > start && chunk.get(at - 1) == '\r') {
                at--;
            }
            data = at - start;
            return decodeAny(chunk, frame, at);
        }

        /** Decodes from the given place on, before which is known what everything is. */
        private boolean decodeAny(ByteBuffer chunk, FrameSink frame, int from) {
            boolean complete = readParts(chunk, frame, from);
            usual = oneByteEnds && ahead == 0 && !held.hasRemaining();
            return complete;
        }

        private boolean readParts(ByteBuffer chunk, FrameSink frame, int from) {
            int limit = chunk.limit();
            int at = from;
            while (!takeFrame(chunk, frame)) {
                if (state == root) {
                    int next = format.nextStart(chunk, at, limit);
                    searched += next - at;
                    data += next - at;
                    at = next;
                }
                if (at == limit) {
                    handOver(chunk, frame, data);
                    data = 0;
                    ahead = 0;
                    chunk.position(limit);
                    held = state == root ? NOTHING : ByteBuffer.wrap(state.text, 0, state.depth);
                    return false;
                }
                state = parts.read(state, chunk.get(at++));
            }
            ahead = at - chunk.position();
            if (ahead == 1 && !held.hasRemaining()) {
                forgetAhead();
            }
            return true;
        }

        /**
         * Has the byte behind the frame read again, with the next frame, as somebody else may take it first. More bytes
         * are read ahead only where {@link #readsAhead()}, and what looks behind frames refuses such delimiters.
         */
        private void forgetAhead() {
            parts.clear();
            state = root;
            data = 0;
            ahead = 0;
        }

        @Override
        public boolean complete(FrameSink frame) {
            while (!takeFrame(NOTHING, frame)) {
                if (state == root) {
                    handOver(NOTHING, frame, data);
                    data = 0;
                    boolean last = inFrame && format.unterminatedLast;
                    inFrame = false;
                    return last;
                }
                parts.add(state.parts);
                state = state.rest;
            }
            return true;
        }

        /** Acts on the parts, up to the next delimiter; true if there was one. */
        private boolean takeFrame(ByteBuffer chunk, FrameSink frame) {
            while (parts.hasNext()) {
                int length = parts.next();
                if (length > 0) {
                    data += length;
                    continue;
                }
                int delimiter = -length;
                if (format.keepDelimiter) {
                    handOver(chunk, frame, data + delimiter);
                } else {
                    handOver(chunk, frame, data);
                    int old = Math.min(delimiter, held.remaining());
                    held.position(held.position() + old);
                    chunk.position(chunk.position() + delimiter - old);
                }
                data = 0;
                inFrame = false;
                if (held.hasRemaining()) {
                    frame.begin(held.remaining());
                }
                return true;
            }
            return false;
        }

        private void handOver(ByteBuffer chunk, FrameSink frame, int length) {
            int old = Math.min(length, held.remaining());
            if (old > 0) {
                frame.append(held, old);
            }
            if (length > old) {
                frame.append(chunk, length - old);
            }
            inFrame |= length > 0;
        }
    }

    private static final class Encoder implements EnvelopeEncoder {

        private static final byte[] NO_BYTES = {};

        private final Delimiter format;

        /** What is written behind a frame. */
        private final byte[] delimiter;

        /** The delimiters that may be in front of a frame and are the beginning of a longer one. */
        private final List<Node> growing = new ArrayList<>();

        Encoder(Delimiter format) {
            this.format = format;
            delimiter = format.keepDelimiter ? NO_BYTES : format.delimiters[0];
            int inFront = format.keepDelimiter ? format.delimiters.length : 1;
            for (int i = 0; i < inFront; i++) {
                Node node = format.root;
                for (byte value : format.delimiters[i]) {
                    node = Objects.requireNonNull(node.child(value));
                }
                if (!node.isLeaf()) {
                    growing.add(node);
                }
            }
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            int length = frame.remaining();
            int wireLength = WireLength.fitting(frame, (long) length + delimiter.length);
            if (!cannotBeMistaken(frame, length)) {
                check(frame.duplicate(), length);
            }
            return wireLength;
        }

        /**
         * Whether nothing in the frame can be part of a delimiter, nor form one with what is written behind it: the
         * usual case.
         */
        private boolean cannotBeMistaken(ByteBuffer frame, int length) {
            int start = frame.position();
            int end = start + length;
            return format.oneByteEnds
                    && !format.keepDelimiter
                    && !contains(frame, start, end, format.pattern)
                    && !(format.lineEnds && length > 0 && frame.get(end - 1) == '\r');
        }

        private void check(ByteBuffer frame, int length) {
            checkEnd(frame, length);
            for (Node inFront : growing) {
                checkStart(frame, inFront, length + delimiter.length);
            }
        }

        /** Reads as the decoder would: the first delimiter found has to be the one at the end. */
        private void checkEnd(ByteBuffer frame, int length) {
            Node state = format.root;
            Parts parts = new Parts();
            int total = length + delimiter.length;
            int known = 0;
            for (int at = 0; at < total; ) {
                if (state == format.root && at < length) {
                    int start = frame.position();
                    at = format.nextStart(frame, start + at, start + length) - start;
                    known = at;
                    if (at == total) {
                        break;
                    }
                }
                state = parts.read(state, byteAt(frame, at++, length));
                while (parts.hasNext()) {
                    int part = parts.next();
                    known += Math.abs(part);
                    if (part < 0) {
                        if (known == total && isWritten(-part)) {
                            return;
                        }
                        throw new CorruptFrameException(
                                known <= length
                                        ? "frame contains a delimiter"
                                        : "frame ends in bytes that form a delimiter with those behind it");
                    }
                }
            }
            if (!state.isDelimiter || !isWritten(state.depth)) {
                throw new CorruptFrameException(
                        format.keepDelimiter
                                ? "frame does not end in a delimiter, or in one that is part of a longer one"
                                : "frame ends in bytes that may form a delimiter with those behind it");
            }
        }

        /** Whether a delimiter of this length at the end is the one that was meant. */
        private boolean isWritten(int length) {
            return format.keepDelimiter || length == delimiter.length;
        }

        /** Reads on from the delimiter in front of the frame, which must not become a longer one. */
        private void checkStart(ByteBuffer frame, Node inFront, int total) {
            Node state = inFront;
            for (int at = 0; at < total; at++) {
                Node next = state.child(byteAt(frame, at, total - delimiter.length));
                if (next == null) {
                    return;
                }
                if (next.isDelimiter) {
                    break;
                }
                state = next;
            }
            throw new CorruptFrameException(LONGER);
        }

        private byte byteAt(ByteBuffer frame, int index, int length) {
            return index < length ? frame.get(frame.position() + index) : delimiter[index - length];
        }

        @Override
        public int overhead() {
            return delimiter.length;
        }

        /** What may be mistaken for a delimiter can be anywhere. */
        @Override
        public boolean takesPieces() {
            return false;
        }

        @Override
        public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
            return 0;
        }

        @Override
        public void behind(ByteBuffer target) {
            target.put(delimiter);
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            int start = target.position();
            int length = frame.remaining();
            Buffers.copy(frame, frame.position(), target, start, length);
            target.position(start + length);
            for (byte value : delimiter) {
                target.put(value);
            }
        }
    }
}
