package reactor.framing.studio;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * What the bytes of a format's frames are. The decoder tells which bytes are delivered; the format's own options tell a
 * marker from a length.
 */
interface Anatomy {

    /** The number of bytes at a frame's start that the format never delivers. */
    default int undelivered(WireFrame frame) {
        return 0;
    }

    /** What a byte is that has been read. */
    Role role(WireFrame frame, int offset);

    /** The length of the header, or -1 if that cannot be told from the bytes there are. */
    default int headerLength(WireFrame frame) {
        return -1;
    }

    /** What the decoder waits for if no length has been announced. */
    String awaited();

    /**
     * Whether what looks like a delimiter may be the beginning of one only, while nothing tells that the frame ends.
     */
    default boolean mayBePart() {
        return false;
    }

    /** A header of fixed parts, and the payload behind it. */
    static Anatomy header(int undelivered, int marker, int before, int length, int after) {
        int lengthStart = marker + before;
        int headerLength = lengthStart + length + after;
        return new Anatomy() {
            @Override
            public int undelivered(WireFrame frame) {
                return undelivered;
            }

            @Override
            public Role role(WireFrame frame, int offset) {
                if (offset < marker) {
                    return Role.MARKER;
                }
                if (offset >= headerLength) {
                    return Role.PAYLOAD;
                }
                return offset >= lengthStart && offset < lengthStart + length ? Role.LENGTH : Role.HEADER;
            }

            @Override
            public int headerLength(WireFrame frame) {
                return headerLength;
            }

            @Override
            public String awaited() {
                return "the rest of the header";
            }
        };
    }

    /** A length of as many bytes as have their highest bit set, and one more. */
    static Anatomy varint(int before, boolean keepHeader) {
        return new Anatomy() {
            @Override
            public int undelivered(WireFrame frame) {
                return keepHeader ? 0 : Integer.MAX_VALUE;
            }

            @Override
            public Role role(WireFrame frame, int offset) {
                if (offset < before) {
                    return Role.HEADER;
                }
                int end = headerLength(frame);
                return end < 0 || offset < end ? Role.LENGTH : Role.PAYLOAD;
            }

            @Override
            public int headerLength(WireFrame frame) {
                for (int i = before; i < frame.length(); i++) {
                    if (frame.at(i) >= 0) {
                        return i + 1;
                    }
                }
                return -1;
            }

            @Override
            public String awaited() {
                return "the rest of the length";
            }
        };
    }

    /** A payload, and one of the delimiters behind it. */
    static Anatomy delimited(boolean keepDelimiter, byte[]... delimiters) {
        return new Anatomy() {
            @Override
            public Role role(WireFrame frame, int offset) {
                if (!frame.isDelivered(offset)) {
                    return Role.DELIMITER;
                }
                if (keepDelimiter && frame.whole()) {
                    for (byte[] delimiter : delimiters) {
                        int start = frame.length() - delimiter.length;
                        if (offset >= start && frame.hasAt(start, delimiter)) {
                            return Role.DELIMITER;
                        }
                    }
                }
                return Role.PAYLOAD;
            }

            @Override
            public String awaited() {
                return "the delimiter";
            }

            @Override
            public boolean mayBePart() {
                return true;
            }
        };
    }

    /** A start mark, the payload and an end mark; or octet stuffing, which has bytes of the payload escaped. */
    static Anatomy marked(int startMark, Predicate<Byte> isEscape) {
        return new Anatomy() {
            @Override
            public int undelivered(WireFrame frame) {
                return startMark;
            }

            @Override
            public Role role(WireFrame frame, int offset) {
                if (offset < startMark) {
                    return Role.MARKER;
                }
                if (frame.fate()[frame.start() + offset] != WireFrame.Fate.READ) {
                    return Role.PAYLOAD;
                }
                return isEscape.test(frame.at(offset)) ? Role.ESCAPE : Role.DELIMITER;
            }

            @Override
            public String awaited() {
                return "the end mark";
            }

            @Override
            public boolean mayBePart() {
                return true;
            }
        };
    }

    /** Blocks behind codes that tell their length, and a zero. */
    static Anatomy cobs() {
        return new Anatomy() {
            @Override
            public Role role(WireFrame frame, int offset) {
                if (frame.isDelivered(offset)) {
                    return Role.PAYLOAD;
                }
                return frame.at(offset) == 0 ? Role.DELIMITER : Role.LENGTH;
            }

            @Override
            public String awaited() {
                return "the zero that ends the frame";
            }
        };
    }

    /** A length in digits that ends in a separator. */
    static Anatomy digits() {
        return new Anatomy() {
            @Override
            public int undelivered(WireFrame frame) {
                return Integer.MAX_VALUE;
            }

            @Override
            public Role role(WireFrame frame, int offset) {
                if (frame.isDelivered(offset)) {
                    return Role.PAYLOAD;
                }
                return frame.at(offset) >= '0' && frame.at(offset) <= '9' ? Role.LENGTH : Role.DELIMITER;
            }

            @Override
            public int headerLength(WireFrame frame) {
                for (int i = 0; i < frame.length(); i++) {
                    if (frame.at(i) < '0' || frame.at(i) > '9') {
                        return i + 1;
                    }
                }
                return -1;
            }

            @Override
            public String awaited() {
                return "the rest of the length";
            }
        };
    }

    /** Header lines, one of which tells the length. */
    static Anatomy headerLines(String name) {
        String start = name.toLowerCase(Locale.ROOT) + ":";
        return new Anatomy() {
            @Override
            public int undelivered(WireFrame frame) {
                return Integer.MAX_VALUE;
            }

            @Override
            public Role role(WireFrame frame, int offset) {
                if (frame.isDelivered(offset)) {
                    return Role.PAYLOAD;
                }
                int line = offset;
                while (line > 0 && frame.at(line - 1) != '\n') {
                    line--;
                }
                String text = new String(
                                frame.stream(), frame.start() + line, offset + 1 - line, StandardCharsets.ISO_8859_1)
                        .toLowerCase(Locale.ROOT);
                boolean isLength =
                        text.startsWith(start) && text.substring(start.length()).matches("[ \t]*[0-9]+");
                return isLength ? Role.LENGTH : Role.HEADER;
            }

            @Override
            public String awaited() {
                return "the empty line that ends the headers";
            }
        };
    }

    /** Frames that are all payload. */
    static Anatomy payload(String awaited) {
        return new Anatomy() {
            @Override
            public Role role(WireFrame frame, int offset) {
                return Role.PAYLOAD;
            }

            @Override
            public String awaited() {
                return awaited;
            }
        };
    }

    /** One of two, by the frame: whether it is the first of the stream, say, or what it begins with. */
    static Anatomy either(Predicate<WireFrame> isFirst, Anatomy first, Anatomy other) {
        return new Anatomy() {
            @Override
            public int undelivered(WireFrame frame) {
                return of(frame).undelivered(frame);
            }

            @Override
            public Role role(WireFrame frame, int offset) {
                return of(frame).role(frame, offset);
            }

            @Override
            public int headerLength(WireFrame frame) {
                return of(frame).headerLength(frame);
            }

            @Override
            public String awaited() {
                return "the rest of the frame";
            }

            private Anatomy of(WireFrame frame) {
                return isFirst.test(frame) ? first : other;
            }
        };
    }

    /** The same with a byte at the end that is delivered, but is no payload. */
    static Anatomy endingInByte(Anatomy anatomy) {
        return new Anatomy() {
            @Override
            public int undelivered(WireFrame frame) {
                return anatomy.undelivered(frame);
            }

            @Override
            public Role role(WireFrame frame, int offset) {
                boolean last = frame.whole() && offset == frame.length() - 1;
                return last ? Role.DELIMITER : anatomy.role(frame, offset);
            }

            @Override
            public int headerLength(WireFrame frame) {
                return anatomy.headerLength(frame);
            }

            @Override
            public String awaited() {
                return anatomy.awaited();
            }
        };
    }
}
