package reactor.framing.test;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.Supplier;
import reactor.framing.CorruptFrameException;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameFinder;
import reactor.framing.FramePlace;
import reactor.framing.FrameSink;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;

/** Framings that are broken in ways in which real ones were. */
final class Broken {

    private Broken() {}

    private static Framing framing(String name, Supplier<FrameDecoder> decoder, FrameEncoder encoder) {
        return new Framing() {
            @Override
            public FrameDecoder newDecoder() {
                return decoder.get();
            }

            @Override
            public FrameEncoder newEncoder() {
                return encoder;
            }

            @Override
            public String toString() {
                return name;
            }
        };
    }

    private static Framing decoder(String name, Supplier<FrameDecoder> decoder) {
        return framing(name, decoder, new Length2());
    }

    private static Framing encoder(String name, FrameEncoder encoder) {
        return framing(name, Length2Decoder::new, encoder);
    }

    // ---- what is right, and is broken below: a 2-byte length and the payload

    static Framing none() {
        return decoder("nothing is broken", Length2Decoder::new);
    }

    private static class Length2 implements FrameEncoder {

        @Override
        public int encodedLength(ByteBuffer frame) {
            if (frame.remaining() > 0xFFFF) {
                throw new FrameTooLongException("too long", frame.remaining(), 0xFFFF);
            }
            return 2 + frame.remaining();
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            target.putShort((short) frame.remaining()).put(frame.duplicate());
        }
    }

    private static class Length2Decoder implements FrameDecoder {

        int header;
        int length;
        int received;

        @Override
        public boolean decode(ByteBuffer chunk, FrameSink frame) {
            while (header < 2 && chunk.hasRemaining()) {
                length = next(length, chunk.get());
                if (++header == 2) {
                    begin(frame);
                }
            }
            return header == 2 && payload(chunk, frame);
        }

        int next(int length, byte value) {
            return length << 8 | value & 0xFF;
        }

        void begin(FrameSink frame) {
            frame.expect(length, 2L + length);
        }

        boolean payload(ByteBuffer chunk, FrameSink frame) {
            int n = Math.min(length - received, chunk.remaining());
            frame.append(chunk, n);
            received += n;
            if (received < length) {
                return false;
            }
            reset();
            return true;
        }

        void reset() {
            header = 0;
            length = 0;
            received = 0;
        }
    }

    // ---- decoders

    /** A fast way for two bytes in one chunk, and a slow one that forgets that bytes are signed. */
    static Framing signExtension() {
        return decoder("sign extension", () -> new Length2Decoder() {
            @Override
            public boolean decode(ByteBuffer chunk, FrameSink frame) {
                if (header == 0 && chunk.remaining() >= 2) {
                    length = chunk.getShort() & 0xFFFF;
                    header = 2;
                    begin(frame);
                }
                return super.decode(chunk, frame);
            }

            @Override
            int next(int length, byte value) {
                return length << 8 | value;
            }
        });
    }

    /** Bytes of the header count as bytes of no frame. */
    static Framing truncationBehindTheHeader() {
        return decoder("truncation behind the header", () -> new Length2Decoder() {
            @Override
            public boolean decode(ByteBuffer chunk, FrameSink frame) {
                while (header < 2 && chunk.hasRemaining()) {
                    length = next(length, chunk.get(chunk.position()));
                    frame.skip(chunk, 1);
                    header++;
                }
                return header == 2 && (length == 0 || chunk.hasRemaining()) && payload(chunk, frame);
            }
        });
    }

    /** What is there when the stream ends counts as a frame. */
    static Framing partialFrameAtTheEnd() {
        return decoder("partial frame at the end", () -> new Length2Decoder() {
            @Override
            public boolean complete(FrameSink frame) {
                boolean any = received > 0;
                reset();
                return any;
            }
        });
    }

    /** A slice of a chunk waits for the rest of the frame. */
    static Framing keptChunk() {
        return decoder("kept chunk", () -> new Length2Decoder() {
            private ByteBuffer kept;

            @Override
            boolean payload(ByteBuffer chunk, FrameSink frame) {
                if (kept == null && chunk.hasRemaining() && chunk.remaining() < length) {
                    kept = chunk.slice();
                    chunk.position(chunk.limit());
                    return false;
                }
                if (kept != null && chunk.hasRemaining()) {
                    received += kept.remaining();
                    frame.append(kept, kept.remaining());
                    kept = null;
                }
                return super.payload(chunk, frame);
            }
        });
    }

    static Framing emptyFrameSwallowed() {
        return decoder("empty frame swallowed", () -> new Length2Decoder() {
            @Override
            public boolean decode(ByteBuffer chunk, FrameSink frame) {
                while (super.decode(chunk, frame)) {
                    if (last > 0) {
                        return true;
                    }
                    if (!chunk.hasRemaining()) {
                        return false;
                    }
                }
                return false;
            }

            private int last;

            @Override
            void reset() {
                last = length;
                super.reset();
            }
        });
    }

    /** Up to 32,767 bytes. */
    private static FrameEncoder positive() {
        return new Length2() {
            @Override
            public int encodedLength(ByteBuffer frame) {
                if (frame.remaining() > 0x7FFF) {
                    throw new FrameTooLongException("too long", frame.remaining(), 0x7FFF);
                }
                return super.encodedLength(frame);
            }
        };
    }

    /** All headers in a chunk are looked at before the first frame is delivered. */
    static Framing goodFramesLost() {
        return framing(
                "good frames lost",
                () -> new Length2Decoder() {
                    @Override
                    public boolean decode(ByteBuffer chunk, FrameSink frame) {
                        for (int at = chunk.position(); header == 0 && at + 2 <= chunk.limit(); ) {
                            int next = chunk.getShort(at) & 0xFFFF;
                            if (next >= 0x8000) {
                                throw new CorruptFrameException("a negative length");
                            }
                            at += 2 + next;
                        }
                        return super.decode(chunk, frame);
                    }

                    @Override
                    void begin(FrameSink frame) {
                        if (length >= 0x8000) {
                            throw new CorruptFrameException("a negative length");
                        }
                        super.begin(frame);
                    }
                },
                positive());
    }

    /** Memory for all of a frame, as its header wants it. */
    static Framing reservesOnTheHeader() {
        return framing(
                "reserves on the header",
                () -> new FrameDecoder() {
                    private final ByteBuffer header = ByteBuffer.allocate(4);
                    private byte[] frameBytes;
                    private int received;

                    @Override
                    public boolean decode(ByteBuffer chunk, FrameSink frame) {
                        while (frameBytes == null && chunk.hasRemaining()) {
                            if (!header.put(chunk.get()).hasRemaining()) {
                                int length = header.getInt(0);
                                if (length < 0 || length > 8 << 20) {
                                    throw new FrameTooLongException("too long", length & 0xFFFFFFFFL, 8 << 20);
                                }
                                frameBytes = new byte[length];
                                frame.append(chunk, 0);
                            }
                        }
                        if (frameBytes == null) {
                            return false;
                        }
                        int n = Math.min(frameBytes.length - received, chunk.remaining());
                        chunk.get(frameBytes, received, n);
                        received += n;
                        if (received < frameBytes.length) {
                            return false;
                        }
                        frame.append(ByteBuffer.wrap(frameBytes), received);
                        frameBytes = null;
                        received = 0;
                        header.clear();
                        return true;
                    }
                },
                new FrameEncoder() {
                    @Override
                    public int encodedLength(ByteBuffer frame) {
                        if (frame.remaining() > 8 << 20) {
                            throw new FrameTooLongException("too long", frame.remaining(), 8 << 20);
                        }
                        return 4 + frame.remaining();
                    }

                    @Override
                    public void encode(ByteBuffer frame, ByteBuffer target) {
                        target.putInt(frame.remaining()).put(frame.duplicate());
                    }
                });
    }

    /** The limit is the end of the frame from here on. */
    static Framing chunkLimitChanged() {
        return decoder("limit of the chunk changed", () -> new Length2Decoder() {
            @Override
            boolean payload(ByteBuffer chunk, FrameSink frame) {
                if (chunk.remaining() > length - received) {
                    chunk.limit(chunk.position() + length - received);
                }
                return super.payload(chunk, frame);
            }
        });
    }

    private static final int OWN_LIMIT = 4;

    /** The limit is compared with what has been gathered, one byte too early. */
    static Framing limitWhenSplit() {
        return framing(
                "limit when split",
                () -> new Length2Decoder() {
                    @Override
                    void begin(FrameSink frame) {
                        if (length > OWN_LIMIT) {
                            throw new FrameTooLongException("too long", length, OWN_LIMIT);
                        }
                        super.begin(frame);
                    }

                    @Override
                    boolean payload(ByteBuffer chunk, FrameSink frame) {
                        if (length >= OWN_LIMIT && chunk.remaining() < length - received) {
                            throw new FrameTooLongException("too long", length, OWN_LIMIT);
                        }
                        return super.payload(chunk, frame);
                    }
                },
                limited());
    }

    /** Only a frame that has to be waited for is compared with the limit. */
    static Framing noLimitWhenWhole() {
        return framing(
                "no limit when whole",
                () -> new Length2Decoder() {
                    @Override
                    boolean payload(ByteBuffer chunk, FrameSink frame) {
                        if (length > OWN_LIMIT && chunk.remaining() < length) {
                            throw new FrameTooLongException("too long", length, OWN_LIMIT);
                        }
                        return super.payload(chunk, frame);
                    }
                },
                limited());
    }

    private static FrameEncoder limited() {
        return new Length2() {
            @Override
            public int encodedLength(ByteBuffer frame) {
                if (frame.remaining() > OWN_LIMIT) {
                    throw new FrameTooLongException("too long", frame.remaining(), OWN_LIMIT);
                }
                return super.encodedLength(frame);
            }
        };
    }

    /** An empty frame is seen, and seen again. */
    static Framing noProgress() {
        return decoder("no progress", () -> new Length2Decoder() {
            @Override
            public boolean decode(ByteBuffer chunk, FrameSink frame) {
                if (header == 0 && chunk.remaining() >= 2 && chunk.getShort(chunk.position()) == 0) {
                    return true;
                }
                return super.decode(chunk, frame);
            }
        });
    }

    /**
     * Waits within decode for bytes that come later; but for an interrupt, for the sake of the tests behind this one.
     */
    static Framing loopWithoutEnd() {
        return decoder("loop without end", () -> new Length2Decoder() {
            @Override
            boolean payload(ByteBuffer chunk, FrameSink frame) {
                while (received < length && !Thread.currentThread().isInterrupted()) {
                    if (chunk.hasRemaining()) {
                        frame.append(chunk, 1);
                        received++;
                    }
                }
                return super.payload(chunk, frame);
            }
        });
    }

    /** The same, but with a call to the sink. */
    static Framing loopOfCalls() {
        return decoder("loop of calls", () -> new Length2Decoder() {
            @Override
            boolean payload(ByteBuffer chunk, FrameSink frame) {
                while (received < length) {
                    int n = Math.min(1, chunk.remaining());
                    frame.append(chunk, n);
                    received += n;
                }
                return super.payload(chunk, frame);
            }
        });
    }

    private static class Length2Finder extends Length2Decoder implements FrameFinder {

        @Override
        public boolean find(ByteBuffer chunk, int start, FramePlace place) {
            if (chunk.limit() - start < 2) {
                return false;
            }
            int found = found(chunk, start);
            if (found > chunk.limit() - start - 2) {
                return false;
            }
            place.set(start + 2, found, start + 2 + found);
            return true;
        }

        int found(ByteBuffer chunk, int start) {
            return chunk.getShort(start) & 0xFFFF;
        }
    }

    /** What is found has a length of one byte. */
    static Framing finderDisagrees() {
        return decoder("finder disagrees", () -> new Length2Finder() {
            @Override
            int found(ByteBuffer chunk, int start) {
                return chunk.get(start + 1) & 0xFF;
            }
        });
    }

    /** Of a frame that a chunk cuts, the last byte is forgotten. */
    static Framing cutFrameIsShort() {
        return decoder("cut frame is short", () -> new Length2Finder() {
            @Override
            public boolean findCut(ByteBuffer chunk, int start, FramePlace place) {
                int available = chunk.limit() - start;
                if (available < 2 || found(chunk, start) - 1 <= available - 2) {
                    return false;
                }
                int length = found(chunk, start) - 1;
                place.set(start + 2, length, start + 2 + length);
                return true;
            }
        });
    }

    /** A frame that lies in the chunk is no cut one. */
    static Framing cutFrameIsWhole() {
        return decoder("cut frame is whole", () -> new Length2Finder() {
            @Override
            public boolean find(ByteBuffer chunk, int start, FramePlace place) {
                return false;
            }

            @Override
            public boolean findCut(ByteBuffer chunk, int start, FramePlace place) {
                return super.find(chunk, start, place);
            }
        });
    }

    static Framing finderMovesTheChunk() {
        return decoder("finder moves the chunk", () -> new Length2Finder() {
            @Override
            int found(ByteBuffer chunk, int start) {
                return chunk.position(start).getShort() & 0xFFFF;
            }
        });
    }

    /** A hash of all that is left of the chunk is made before each frame. */
    static Framing rescans() {
        return decoder("rescans", () -> new Length2Decoder() {
            private int hash;

            @Override
            public boolean decode(ByteBuffer chunk, FrameSink frame) {
                for (int i = chunk.position(); i < chunk.limit(); i += 2) {
                    hash = 31 * hash + chunk.get(i);
                }
                return super.decode(chunk, frame);
            }
        });
    }

    /** A frame is put together by copying all of it for each chunk. */
    static Framing copiesAgain() {
        return decoder("copies again", () -> new Length2Decoder() {
            private byte[] gathered = {};

            @Override
            boolean payload(ByteBuffer chunk, FrameSink frame) {
                int n = Math.min(length - gathered.length, chunk.remaining());
                gathered = Arrays.copyOf(gathered, gathered.length + n);
                chunk.get(gathered, gathered.length - n, n);
                if (gathered.length < length) {
                    return false;
                }
                frame.append(ByteBuffer.wrap(gathered), length);
                gathered = new byte[0];
                reset();
                return true;
            }
        });
    }

    static Framing needsAnArray() {
        return decoder("needs an array", () -> new Length2Decoder() {
            @Override
            boolean payload(ByteBuffer chunk, FrameSink frame) {
                int n = Math.min(length - received, chunk.remaining());
                for (int i = 0; i < n; i++) {
                    frame.append(chunk.array()[chunk.arrayOffset() + chunk.position()]);
                    chunk.get();
                }
                received += n;
                return received == length && super.payload(chunk, frame);
            }
        });
    }

    /** As if every array began with the chunk. */
    static Framing forgetsTheOffset() {
        return decoder("forgets the offset", () -> new Length2Decoder() {
            @Override
            int next(int length, byte value) {
                return super.next(length, value);
            }

            @Override
            boolean payload(ByteBuffer chunk, FrameSink frame) {
                int n = Math.min(length - received, chunk.remaining());
                for (int i = 0; i < n; i++) {
                    frame.append(chunk.hasArray() ? chunk.array()[chunk.position()] : chunk.get(chunk.position()));
                    chunk.get();
                }
                received += n;
                return received == length && super.payload(chunk, frame);
            }
        });
    }

    /** One decoder for all. */
    static Framing sharedState() {
        FrameDecoder shared = new Length2Decoder();
        return decoder("shared state", () -> shared);
    }

    /** The payload is unmasked where it lies. */
    static Framing writesIntoTheChunk() {
        return framing(
                "writes into the chunk",
                () -> new Length2Decoder() {
                    @Override
                    boolean payload(ByteBuffer chunk, FrameSink frame) {
                        int n = Math.min(length - received, chunk.remaining());
                        for (int i = 0; i < n && !chunk.isReadOnly(); i++) {
                            int at = chunk.position() + i;
                            chunk.put(at, (byte) (chunk.get(at) ^ 0x55));
                        }
                        return super.payload(chunk, frame);
                    }
                },
                new Length2() {
                    @Override
                    public void encode(ByteBuffer frame, ByteBuffer target) {
                        target.putShort((short) frame.remaining());
                        for (int i = frame.position(); i < frame.limit(); i++) {
                            target.put((byte) (frame.get(i) ^ 0x55));
                        }
                    }
                });
    }

    private static final String[] TYPES = {"hello", "data", "bye"};

    /** A type, a length and the payload; no type is looked at before it is used. */
    static Framing typeIsAnIndex() {
        return framing(
                "type is an index",
                () -> new Length2Decoder() {
                    @Override
                    void begin(FrameSink frame) {
                        int type = length >> 8;
                        if (TYPES[type].isEmpty()) {
                            throw new CorruptFrameException("no type");
                        }
                        length &= 0xFF;
                        super.begin(frame);
                    }
                },
                new FrameEncoder() {
                    @Override
                    public int encodedLength(ByteBuffer frame) {
                        if (frame.remaining() > 0xFF) {
                            throw new FrameTooLongException("too long", frame.remaining(), 0xFF);
                        }
                        return 2 + frame.remaining();
                    }

                    @Override
                    public void encode(ByteBuffer frame, ByteBuffer target) {
                        target.put((byte) 1).put((byte) frame.remaining()).put(frame.duplicate());
                    }
                });
    }

    /** A header that is cut is waited for, and what there is of it stays where it is. */
    static Framing leavesBytesUnread() {
        return decoder("leaves bytes unread", () -> new Length2Decoder() {
            @Override
            public boolean decode(ByteBuffer chunk, FrameSink frame) {
                return (header != 0 || chunk.remaining() >= 2) && super.decode(chunk, frame);
            }
        });
    }

    /** The header is no part of what is said to be missing. */
    static Framing wrongWireLength() {
        return decoder("wrong length on the wire", () -> new Length2Decoder() {
            @Override
            void begin(FrameSink frame) {
                frame.expect(length, length);
            }
        });
    }

    /** The last byte is a checksum, which is dropped where the frame is kept, and nowhere else. */
    static Framing partsDiffer() {
        return decoder("parts differ", () -> new Length2Decoder() {
            @Override
            boolean payload(ByteBuffer chunk, FrameSink frame) {
                boolean complete = super.payload(chunk, frame);
                if (complete && !frame.keepsFrame()) {
                    frame.append((byte) 0);
                }
                return complete;
            }
        });
    }

    /** What is behind a fault is thrown away, as far as it has come. */
    static Framing rejectsTheRestOfTheChunk() {
        return framing(
                "rejects the rest of the chunk",
                () -> new Length2Decoder() {
                    @Override
                    public boolean decode(ByteBuffer chunk, FrameSink frame) {
                        if (header == 0 && (chunk.get(chunk.position()) & 0xFF) >= 0x80) {
                            frame.invalid(new CorruptFrameException("a negative length"));
                            frame.skip(chunk, chunk.remaining());
                            return false;
                        }
                        return super.decode(chunk, frame);
                    }
                },
                positive());
    }

    // ---- delimiters

    private static class Lines implements FrameEncoder {

        private final byte[] end;

        Lines(String end) {
            this.end = end.getBytes();
        }

        @Override
        public int encodedLength(ByteBuffer frame) {
            for (int i = frame.position(); i < frame.limit(); i++) {
                if (frame.get(i) == '\r' || frame.get(i) == '\n') {
                    throw new CorruptFrameException("an end of a line in a line");
                }
            }
            return frame.remaining() + end.length;
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            target.put(frame.duplicate()).put(end);
        }
    }

    /** A delimiter of two bytes is looked for in each chunk alone. */
    static Framing delimiterAcrossChunksMissed() {
        return framing(
                "delimiter across chunks missed",
                () -> (chunk, frame) -> {
                    for (int i = chunk.position(); i + 1 < chunk.limit(); i++) {
                        if (chunk.get(i) == '\r' && chunk.get(i + 1) == '\n') {
                            frame.append(chunk, i - chunk.position());
                            chunk.getShort();
                            return true;
                        }
                    }
                    frame.append(chunk, chunk.remaining());
                    return false;
                },
                new Lines("\r\n"));
    }

    /** "\r" ends a line, and so does "\r\n", if both are in one chunk. */
    static Framing prefixDelimiters() {
        return framing(
                "prefix delimiters",
                () -> (chunk, frame) -> {
                    for (int i = chunk.position(); i < chunk.limit(); i++) {
                        if (chunk.get(i) == '\r') {
                            frame.append(chunk, i - chunk.position());
                            chunk.get();
                            if (chunk.hasRemaining() && chunk.get(chunk.position()) == '\n') {
                                chunk.get();
                            }
                            return true;
                        }
                    }
                    frame.append(chunk, chunk.remaining());
                    return false;
                },
                new Lines("\r\n"));
    }

    /** "\n" ends a line, and "\r" in front of it is none of it, if both are in one chunk. */
    static Framing carriageReturnKept() {
        return framing(
                "carriage return kept",
                () -> (chunk, frame) -> {
                    for (int i = chunk.position(); i < chunk.limit(); i++) {
                        if (chunk.get(i) == '\n') {
                            boolean crlf = i > chunk.position() && chunk.get(i - 1) == '\r';
                            frame.append(chunk, i - chunk.position() - (crlf ? 1 : 0));
                            chunk.position(i + 1);
                            return true;
                        }
                    }
                    frame.append(chunk, chunk.remaining());
                    return false;
                },
                new Lines("\r\n"));
    }

    /** Nothing is refused, a delimiter in the middle of a frame included. */
    static Framing delimiterInTheFrame() {
        return framing("delimiter in the frame", Broken::untilNewline, new Lines("\n") {
            @Override
            public int encodedLength(ByteBuffer frame) {
                return frame.remaining() + 1;
            }
        });
    }

    private static FrameDecoder untilNewline() {
        return (chunk, frame) -> {
            for (int i = chunk.position(); i < chunk.limit(); i++) {
                if (chunk.get(i) == '\n') {
                    frame.append(chunk, i - chunk.position());
                    chunk.get();
                    return true;
                }
            }
            frame.append(chunk, chunk.remaining());
            return false;
        };
    }

    /** What is escaped is known within a chunk only. */
    static Framing escapeSplit() {
        return framing(
                "escape split",
                () -> (chunk, frame) -> {
                    while (chunk.hasRemaining()) {
                        byte next = chunk.get();
                        if (next == '\n') {
                            return true;
                        }
                        if (next == '\\' && chunk.hasRemaining()) {
                            next = (byte) (chunk.get() ^ 0x40);
                        }
                        frame.append(next);
                    }
                    return false;
                },
                new Escaping());
    }

    private static class Escaping implements FrameEncoder {

        @Override
        public int encodedLength(ByteBuffer frame) {
            return 2 * frame.remaining() + 1;
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            for (int i = frame.position(); i < frame.limit(); i++) {
                byte next = frame.get(i);
                if (next == '\n' || next == '\\') {
                    target.put((byte) '\\').put((byte) (next ^ 0x40));
                } else {
                    target.put(next);
                }
            }
            target.put((byte) '\n');
        }
    }

    /**
     * A marker that a chunk cuts is looked for anew, and what was read of it is noise in one case and a frame in the
     * other.
     */
    static Framing placeOfAFaultDependsOnTheSplit() {
        return framing(
                "place of a fault depends on the split",
                () -> new FrameDecoder() {
                    private int marker;
                    private boolean lost;

                    @Override
                    public boolean decode(ByteBuffer chunk, FrameSink frame) {
                        while (chunk.hasRemaining()) {
                            byte next = chunk.get(chunk.position());
                            if (marker == 2) {
                                frame.append(chunk, 1);
                                marker = 0;
                                lost = false;
                                return true;
                            }
                            if (next == (marker == 0 ? (byte) 0xAA : (byte) 0xBB)) {
                                chunk.get();
                                marker++;
                            } else {
                                marker = 0;
                                if (!lost) {
                                    lost = true;
                                    chunk.get();
                                    frame.invalid(new CorruptFrameException("no marker"));
                                } else {
                                    frame.skip(chunk, 1);
                                }
                            }
                        }
                        if (marker == 1) {
                            frame.begin(1);
                        }
                        return false;
                    }
                },
                new FrameEncoder() {
                    @Override
                    public int encodedLength(ByteBuffer frame) {
                        if (frame.remaining() != 1) {
                            throw new CorruptFrameException("a frame has one byte");
                        }
                        return 3;
                    }

                    @Override
                    public void encode(ByteBuffer frame, ByteBuffer target) {
                        target.putShort((short) 0xAABB).put(frame.duplicate());
                    }
                });
    }

    // ---- encoders

    /** Bytes that are escaped take two, which nobody counted. */
    static Framing encodedLengthTooSmall() {
        return framing(
                "encoded length too small",
                () -> new FrameDecoder() {
                    private boolean escaped;

                    @Override
                    public boolean decode(ByteBuffer chunk, FrameSink frame) {
                        while (chunk.hasRemaining()) {
                            byte next = chunk.get();
                            if (escaped) {
                                frame.append((byte) (next ^ 0x40));
                                escaped = false;
                            } else if (next == '\\') {
                                escaped = true;
                            } else if (next == '\n') {
                                return true;
                            } else {
                                frame.append(next);
                            }
                        }
                        return false;
                    }
                },
                new Escaping() {
                    @Override
                    public int encodedLength(ByteBuffer frame) {
                        return frame.remaining() + 1;
                    }
                });
    }

    static Framing encoderMovesTheFrame() {
        return encoder("encoder moves the frame", new Length2() {
            @Override
            public void encode(ByteBuffer frame, ByteBuffer target) {
                target.putShort((short) frame.remaining()).put(frame);
            }
        });
    }

    static Framing encoderNeedsAnArray() {
        return encoder("encoder needs an array", new Length2() {
            @Override
            public void encode(ByteBuffer frame, ByteBuffer target) {
                target.putShort((short) frame.remaining())
                        .put(frame.array(), frame.arrayOffset() + frame.position(), frame.remaining());
            }
        });
    }

    /** As if every frame began at index 0. */
    static Framing encoderForgetsThePosition() {
        return encoder("encoder forgets the position", new Length2() {
            @Override
            public void encode(ByteBuffer frame, ByteBuffer target) {
                target.putShort((short) frame.remaining());
                for (int i = 0; i < frame.remaining(); i++) {
                    target.put(frame.get(i));
                }
            }
        });
    }

    /** The length is written in the order that the target was left in. */
    static Framing encoderChangesTheTargetsOrder() {
        return framing("encoder changes the target's order", Length2Decoder::new, new Length2() {
            @Override
            public void encode(ByteBuffer frame, ByteBuffer target) {
                target.putShort((short) frame.remaining()).order(ByteOrder.LITTLE_ENDIAN);
                target.put(frame.duplicate());
            }
        });
    }

    /** A header of 2 bytes counts in the one direction, and not in the other. */
    static Framing longestFramesAreRefused() {
        return framing(
                "longest frames are refused",
                () -> new Length2Decoder() {
                    @Override
                    void begin(FrameSink frame) {
                        if (length > 0xFFFF - 3) {
                            throw new CorruptFrameException("no such length");
                        }
                        super.begin(frame);
                    }
                },
                new Length2());
    }

    /** The length is cut off to what the field can hold. */
    static Framing lengthOverflows() {
        return encoder("length overflows", new Length2() {
            @Override
            public int encodedLength(ByteBuffer frame) {
                return 2 + frame.remaining();
            }
        });
    }

    /** Whether it can be written is seen when half of it has been. */
    static Framing refusesTooLate() {
        return encoder("refuses too late", new Length2() {
            @Override
            public void encode(ByteBuffer frame, ByteBuffer target) {
                super.encode(frame, target);
                if (frame.remaining() == 13) {
                    throw new CorruptFrameException("bad luck");
                }
            }
        });
    }

    static Framing writesInFrontOfTheTarget() {
        return encoder("writes in front of the target", new Length2() {
            @Override
            public void encode(ByteBuffer frame, ByteBuffer target) {
                target.putShort(0, (short) frame.remaining());
                target.putShort((short) frame.remaining()).put(frame.duplicate());
            }
        });
    }

    /** What does not fit is told in the JDK's words. */
    static Framing encoderThrowsSomethingElse() {
        return encoder("encoder throws something else", new Length2() {
            @Override
            public int encodedLength(ByteBuffer frame) {
                if (frame.remaining() > 255) {
                    throw new BufferOverflowException();
                }
                return super.encodedLength(frame);
            }
        });
    }

    private static class Length2Envelope extends Length2 implements EnvelopeEncoder {

        @Override
        public int overhead() {
            return 2;
        }

        @Override
        public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
            target.putShort((short) frameLength);
            return 0;
        }

        @Override
        public void encode(ByteBuffer frame, ByteBuffer target) {
            super.encode(frame, target);
        }
    }

    static Framing overheadTooSmall() {
        return encoder("overhead too small", new Length2Envelope() {
            @Override
            public int overhead() {
                return 1;
            }
        });
    }

    static Framing asksForMoreThanTheFrame() {
        return encoder("asks for more than the frame", new Length2Envelope() {
            @Override
            public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
                return start.remaining() < 2 ? MORE : super.before(frameLength, start, target);
            }
        });
    }

    static Framing writesAndAsksForMore() {
        return encoder("writes and asks for more", new Length2Envelope() {
            @Override
            public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
                super.before(frameLength, start, target);
                return start.hasRemaining() || frameLength == 0 ? 0 : MORE;
            }
        });
    }

    /** What {@link #encodedLength} looks at is not looked at when the frame comes in pieces. */
    static Framing checksNothingInPieces() {
        return encoder("checks nothing in pieces", new Length2Envelope() {
            @Override
            public int encodedLength(ByteBuffer frame) {
                if (frame.hasRemaining() && frame.get(frame.position()) == 0) {
                    throw new CorruptFrameException("a frame must not begin with 0");
                }
                return super.encodedLength(frame);
            }
        });
    }

    /** What {@link #encode} leaves behind is taken away by {@link #encodedLength} only. */
    static Framing envelopeRemembersTheFrameBefore() {
        return encoder("envelope remembers the frame before", new Length2Envelope() {
            private int left;

            @Override
            public int encodedLength(ByteBuffer frame) {
                left = 0;
                return super.encodedLength(frame);
            }

            @Override
            public void encode(ByteBuffer frame, ByteBuffer target) {
                super.encode(frame, target);
                left = 1;
            }

            @Override
            public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
                return super.before(frameLength + left, start, target);
            }
        });
    }

    /** Tells nobody that it leaves frames as they are. */
    static Framing hidesItsEnvelope() {
        return encoder("hides its envelope", new Length2Envelope() {
            @Override
            @SuppressWarnings("NullAway") // broken
            public EnvelopeEncoder envelope(ByteBuffer start) {
                return null;
            }
        });
    }

    static Framing envelopeMovesTheStart() {
        return encoder("envelope moves the start", new Length2Envelope() {
            @Override
            public EnvelopeEncoder envelope(ByteBuffer start) {
                start.position(start.limit());
                return this;
            }
        });
    }

    /** Writes another header around the frames that it leaves to others. */
    static Framing choosesAnotherEnvelope() {
        return encoder("chooses another envelope", new Length2() {
            @Override
            public EnvelopeEncoder envelope(ByteBuffer start) {
                return new Length2Envelope() {
                    @Override
                    public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
                        return super.before(frameLength + 1, start, target);
                    }
                };
            }
        });
    }

    /** As if what is shown of a frame were all of it. */
    static Framing envelopeTakesTheStartForTheFrame() {
        return encoder("envelope takes the start for the frame", new Length2Envelope() {
            @Override
            public int before(long frameLength, ByteBuffer start, ByteBuffer target) {
                return super.before(start.remaining(), start, target);
            }
        });
    }
}
