package reactor.framing;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.reactivestreams.tck.TestEnvironment;
import reactor.core.publisher.Flux;
import reactor.framing.format.LengthField;

/** The rules for publishers, over an operator that reads frames of three bytes on the wire. */
abstract class DecodeVerification<T> extends PublisherVerification<T> {

    static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(1));

    private static final byte[] FRAME = {2, 'h', 'i'};

    private final int chunkLength;

    DecodeVerification(int chunkLength) {
        super(new TestEnvironment(500, 100));
        this.chunkLength = chunkLength;
    }

    abstract Publisher<T> decode(Flux<ByteBuffer> chunks);

    /** How many elements a frame makes. */
    int elementsPerFrame() {
        return 1;
    }

    @Override
    public Publisher<T> createPublisher(long elements) {
        // as a part at the end of an odd number: a frame whose only byte comes with one chunk
        long frames = elements / elementsPerFrame();
        Flux<ByteBuffer> stream = bytes(frames * FRAME.length);
        return decode(
                elements % elementsPerFrame() == 0
                        ? stream
                        : stream.concatWith(Flux.just(ByteBuffer.wrap(new byte[] {1, 'h'}))));
    }

    /** The stream from a source that is asked for each chunk. */
    Flux<ByteBuffer> bytes(long length) {
        return Flux.generate(() -> 0L, (at, sink) -> {
            if (at >= length) {
                sink.complete();
                return at;
            }
            byte[] chunk = chunk(at, length);
            sink.next(ByteBuffer.wrap(chunk));
            Arrays.fill(chunk, (byte) 0xEE);
            return at + chunk.length;
        });
    }

    private byte[] chunk(long at, long length) {
        byte[] chunk = new byte[(int) Math.min(chunkLength, length - at)];
        for (int i = 0; i < chunk.length; i++) {
            chunk[i] = FRAME[(int) ((at + i) % FRAME.length)];
        }
        return chunk;
    }

    @Override
    public Publisher<T> createFailedPublisher() {
        return decode(Flux.error(new IllegalStateException("failed on purpose")));
    }

    @Override
    public long maxElementsFromPublisher() {
        return Long.MAX_VALUE / 4;
    }
}
