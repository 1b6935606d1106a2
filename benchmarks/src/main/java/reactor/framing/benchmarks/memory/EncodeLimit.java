package reactor.framing.benchmarks.memory;

import java.nio.ByteBuffer;

/**
 * What no operator can beat: a loop over the frames, with nothing around it, that makes one buffer of each frame or of
 * many. It does not look into the frames. A benchmark's JVM sees one subclass only, whose methods are inlined.
 */
abstract class EncodeLimit {

    private static final int CHUNK = 65536;

    abstract int wireLength(int length);

    abstract void write(ByteBuffer frame, int length, ByteBuffer target);

    static EncodeLimit of(Format format) {
        return switch (format) {
            case PREFIX -> new Prefix();
            case LINES -> new Lines();
            case VARINT -> new Varint();
            case FIXED -> new Fixed();
        };
    }

    void encode(ByteBuffer[] frames, Wire wire) {
        for (ByteBuffer frame : frames) {
            wire.accept(encoded(frame));
        }
    }

    ByteBuffer encoded(ByteBuffer frame) {
        int length = frame.remaining();
        ByteBuffer target = ByteBuffer.allocate(wireLength(length));
        write(frame, length, target);
        return target.flip();
    }

    /** A frame that is longer than a chunk gets one of its own. */
    void coalesce(ByteBuffer[] frames, Wire wire) {
        ByteBuffer target = null;
        for (ByteBuffer frame : frames) {
            int length = frame.remaining();
            int wireLength = wireLength(length);
            if (target != null && target.remaining() < wireLength) {
                wire.accept(target.flip());
                target = null;
            }
            if (target == null) {
                target = ByteBuffer.allocate(Math.max(CHUNK, wireLength));
            }
            write(frame, length, target);
        }
        if (target != null) {
            wire.accept(target.flip());
        }
    }

    /** From array to array, which is faster than from buffer to buffer. */
    private static void copy(ByteBuffer frame, ByteBuffer target, int length) {
        int start = target.position();
        frame.get(frame.position(), target.array(), start, length);
        target.position(start + length);
    }

    private static final class Prefix extends EncodeLimit {

        @Override
        int wireLength(int length) {
            return 4 + length;
        }

        @Override
        void write(ByteBuffer frame, int length, ByteBuffer target) {
            target.putInt(length);
            copy(frame, target, length);
        }
    }

    private static final class Lines extends EncodeLimit {

        @Override
        int wireLength(int length) {
            return length + 1;
        }

        @Override
        void write(ByteBuffer frame, int length, ByteBuffer target) {
            copy(frame, target, length);
            target.put((byte) '\n');
        }
    }

    private static final class Varint extends EncodeLimit {

        @Override
        int wireLength(int length) {
            int header = 1;
            for (int rest = length >>> 7; rest > 0; rest >>>= 7) {
                header++;
            }
            return header + length;
        }

        @Override
        void write(ByteBuffer frame, int length, ByteBuffer target) {
            int rest = length;
            for (; rest > 0x7F; rest >>>= 7) {
                target.put((byte) (rest | 0x80));
            }
            target.put((byte) rest);
            copy(frame, target, length);
        }
    }

    private static final class Fixed extends EncodeLimit {

        @Override
        int wireLength(int length) {
            return length;
        }

        @Override
        void write(ByteBuffer frame, int length, ByteBuffer target) {
            copy(frame, target, length);
        }
    }
}
