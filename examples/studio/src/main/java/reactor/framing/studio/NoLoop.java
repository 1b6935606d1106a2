package reactor.framing.studio;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameSink;
import reactor.framing.FrameTooLongException;
import reactor.framing.FramingException;
import reactor.framing.studio.Formats.Built;
import reactor.framing.studio.Scenario.Chunk;

/**
 * What a decoder makes of a stream that reads one frame for each chunk and goes back to wait for the next one: the
 * library's own decoder, called once for a chunk instead of until the chunk is used up.
 *
 * @param rows what happens, chunk by chunk
 * @param withLoop the number of frames that a decoder with the loop delivers
 * @param without the number of frames that this one delivers
 * @param left the number of bytes that lie in its buffer at the end
 */
record NoLoop(List<Row> rows, int withLoop, int without, int left) {

    /**
     * What a chunk brings.
     *
     * @param withLoop the frames that are delivered with the loop
     * @param without the frame that is delivered without it
     * @param left the number of bytes that are left in the buffer without the loop
     * @param fault what went wrong, if something did; nothing comes after it
     */
    record Row(List<String> withLoop, List<String> without, int left, String fault) {}

    static NoLoop of(Built format, byte[] stream, List<Chunk> chunks, int limit) {
        Reader right = new Reader(format, limit);
        Reader wrong = new Reader(format, limit);
        List<Row> rows = new ArrayList<>();
        for (Chunk chunk : chunks) {
            right.buffer(stream, chunk);
            wrong.buffer(stream, chunk);
            List<String> all = new ArrayList<>();
            String frame;
            while ((frame = right.next()) != null) {
                all.add(frame);
            }
            frame = wrong.next();
            rows.add(new Row(all, frame == null ? List.of() : List.of(frame), wrong.left(), right.fault));
        }
        return new NoLoop(rows, right.frames, wrong.frames, wrong.left());
    }

    /** A buffer that grows, and a decoder that reads from it. */
    private static final class Reader implements FrameSink {

        private final FrameDecoder decoder;
        private final int limit;
        private ByteBuffer buffer = ByteBuffer.allocate(0);
        private ByteBuffer frame;
        private int frames;
        private String fault;

        Reader(Built format, int limit) {
            decoder = format.framing().newDecoder();
            this.limit = limit;
            frame = ByteBuffer.allocate(Scenario.MAX_STREAM);
        }

        void buffer(byte[] stream, Chunk chunk) {
            ByteBuffer larger = ByteBuffer.allocate(buffer.remaining() + chunk.length());
            buffer =
                    larger.put(buffer).put(stream, chunk.from(), chunk.length()).flip();
        }

        /** Reads a frame, if a whole one is here. */
        String next() {
            try {
                if (fault == null && buffer.hasRemaining() && decoder.decode(buffer, this)) {
                    String text = Bytes.text(Bytes.of(frame.flip()));
                    frame.clear();
                    frames++;
                    return text;
                }
            } catch (FramingException e) {
                fault = e.getMessage();
            }
            return null;
        }

        int left() {
            return buffer.remaining();
        }

        @Override
        public void expect(long frameLength) {
            if (frameLength > limit) {
                throw new FrameTooLongException(
                        "declared length " + frameLength + " exceeds the limit of " + limit + " bytes",
                        frameLength,
                        limit);
            }
        }

        @Override
        public void append(ByteBuffer chunk, int length) {
            frame.put(chunk.slice(chunk.position(), length));
            chunk.position(chunk.position() + length);
        }

        @Override
        public void append(byte value) {
            frame.put(value);
        }

        @Override
        public void skip(ByteBuffer chunk, int length) {
            chunk.position(chunk.position() + length);
        }

        @Override
        public void invalid(FramingException cause) {
            throw cause;
        }
    }
}
