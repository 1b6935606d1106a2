package reactor.framing;

import java.nio.ByteBuffer;
import java.util.function.Supplier;

/** Framings of a test's own, for reading only. */
final class TestFramings {

    private TestFramings() {}

    /** What the only method of a decoder does. */
    interface Step {
        boolean decode(ByteBuffer chunk, FrameSink frame);
    }

    static Framing framing(Step step) {
        return framing(() -> new FrameDecoder() {
            @Override
            public boolean decode(ByteBuffer chunk, FrameSink frame) {
                return step.decode(chunk, frame);
            }

            @Override
            public boolean complete(FrameSink frame) {
                return false;
            }

            @Override
            public String toString() {
                return "the test's decoder";
            }
        });
    }

    static Framing framing(Supplier<FrameDecoder> decoders) {
        return new Framing() {
            @Override
            public FrameDecoder newDecoder() {
                return decoders.get();
            }

            @Override
            public FrameEncoder newEncoder() {
                throw new UnsupportedOperationException("not needed");
            }
        };
    }

    /** A buffer whose memory has been given back; on JDK 22 and newer. */
    static ByteBuffer unreadable(long length) throws ReflectiveOperationException {
        Class<?> arenas = Class.forName("java.lang.foreign.Arena"); // by reflection, for the sake of JDK 17
        Object arena = arenas.getMethod("ofConfined").invoke(null);
        Object segment = arenas.getMethod("allocate", long.class, long.class).invoke(arena, length, 1L);
        ByteBuffer buffer = (ByteBuffer) Class.forName("java.lang.foreign.MemorySegment")
                .getMethod("asByteBuffer")
                .invoke(segment);
        arenas.getMethod("close").invoke(arena);
        return buffer;
    }
}
