package reactor.framing.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static reactor.framing.guide.Local.utf8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.framing.FrameCodec;
import reactor.framing.format.Delimiter;
import reactor.framing.format.LengthField;
import reactor.framing.test.Rechunk;
import reactor.test.StepVerifier;

/** The samples of docs/buffers.md. */
class BuffersGuideTest {

    private static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(1));

    /** Each chunk is overwritten when onNext has returned, as a socket's buffer is. */
    private static Flux<ByteBuffer> borrowed(ByteBuffer... frames) {
        return Flux.just(frames)
                .transform(CODEC::encode)
                .transform(Rechunk.ofSize(Integer.MAX_VALUE).overwritten());
    }

    private static ByteBuffer order(long id, int amount) {
        return ByteBuffer.allocate(12).putLong(id).putInt(amount).flip();
    }

    // tag::keep[]
    static Mono<List<ByteBuffer>> keep(Flux<ByteBuffer> chunks) {
        return CODEC.decode(chunks).collectList(); // frames are copies: keep them as long as you like
    }
    // end::keep[]

    // tag::lend[]
    record Order(long id, int amount) {}

    static Flux<Order> orders(Flux<ByteBuffer> chunks) {
        return CODEC.read(chunks, frame -> new Order(frame.getLong(), frame.getInt()));
    }
    // end::lend[]

    // tag::lendNaive[]
    static Mono<List<ByteBuffer>> keepWhatIsLent(Flux<ByteBuffer> chunks) {
        return CODEC.read(chunks, frame -> frame).collectList(); // shows other bytes later
    }
    // end::lendNaive[]

    // tag::write[]
    static Flux<ByteBuffer> bytes(Flux<Order> orders) {
        return CODEC.write(orders, (order, frame) -> frame.putLong(order.id()).putInt(order.amount()));
    }
    // end::write[]

    // tag::zeroCopyNaive[]
    static Mono<List<ByteBuffer>> slicesOfBorrowedChunks(Flux<ByteBuffer> chunks) {
        return CODEC.zeroCopy().decode(chunks).collectList(); // chunks are overwritten, and frames with them
    }
    // end::zeroCopyNaive[]

    // tag::mapped[]
    static Flux<ByteBuffer> lines(Path file) {
        Mono<ByteBuffer> mapped = Mono.fromCallable(() -> {
            try (FileChannel channel = FileChannel.open(file)) {
                return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
            }
        });
        return FrameCodec.of(Delimiter.lines()).zeroCopy().decode(mapped);
    }
    // end::mapped[]

    @Test
    void framesOfBorrowedChunks_areKept_andLentOnesAndSlicesAreNot() {
        ByteBuffer[] frames = {utf8("one"), utf8("two")};

        StepVerifier.create(keep(borrowed(frames))).expectNext(List.of(frames)).verifyComplete();
        StepVerifier.create(keepWhatIsLent(borrowed(frames)))
                .assertNext(kept -> assertThat(kept).hasSize(2).isNotEqualTo(List.of(frames)))
                .verifyComplete();
        StepVerifier.create(slicesOfBorrowedChunks(borrowed(frames)))
                .assertNext(kept -> assertThat(kept).hasSize(2).isNotEqualTo(List.of(frames)))
                .verifyComplete();
    }

    @Test
    void messages_areReadAndWritten() {
        StepVerifier.create(orders(borrowed(order(1, 10), order(2, 20))))
                .expectNext(new Order(1, 10), new Order(2, 20))
                .verifyComplete();
        StepVerifier.create(bytes(Flux.just(new Order(1, 10))).transform(BuffersGuideTest::orders))
                .expectNext(new Order(1, 10))
                .verifyComplete();
    }

    @Test
    void linesOfAMappedFile_areSlicesOfIt(@TempDir Path directory) {
        Path file = directory.resolve("lines");
        try {
            Files.writeString(file, "one\ntwo\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }

        StepVerifier.create(lines(file))
                .assertNext(line -> assertThat(line.isDirect()).isTrue())
                .expectNext(utf8("two"))
                .verifyComplete();
    }
}
