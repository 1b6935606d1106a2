package reactor.framing.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameCodec;
import reactor.framing.FrameTooLongException;
import reactor.framing.TruncatedFrameException;
import reactor.test.StepVerifier;

class OwnFramingTest {

    private static final FrameCodec CODEC = FrameCodec.of(new OwnFraming());

    /** "hi", an empty frame, "hi" with a damaged byte, "yo". */
    private static final byte[] WIRE = HexFormat.ofDelimiter(" ")
            .parseHex("00 02 68 69 d8 93 2a ac 00 00 00 00 00 00 00 02 68 6a d8 93 2a ac 00 02 79 6f 62 29 ac 89");

    private static final int DAMAGED = 14;
    private static final int BEHIND_DAMAGE = 22;

    @Test
    void encoded_bytesAsDrawn() {
        StepVerifier.create(CODEC.encode(Flux.just(ByteBuffer.wrap(new byte[] {'h', 'i'}))))
                .expectNext(ByteBuffer.wrap(WIRE, 0, 8))
                .verifyComplete();
    }

    @Test
    void anySplit_goodFramesThenTheFault() {
        for (Flux<ByteBuffer> chunks : splits(WIRE.length)) {
            StepVerifier.create(CODEC.decode(chunks))
                    .expectNext(ByteBuffer.wrap(new byte[] {'h', 'i'}), ByteBuffer.allocate(0))
                    .expectErrorSatisfies(e -> {
                        assertThat(e).isInstanceOf(CorruptFrameException.class);
                        assertThat(((CorruptFrameException) e).offset()).isEqualTo(DAMAGED);
                    })
                    .verify();
        }
    }

    @Test
    void anySplit_damagedFrameIsSkipped() {
        for (Flux<ByteBuffer> chunks : splits(WIRE.length)) {
            List<Long> skipped = new ArrayList<>();
            StepVerifier.create(CODEC.skipInvalid(e -> skipped.add(e.skippedBytes()))
                            .decode(chunks))
                    .expectNext(
                            ByteBuffer.wrap(new byte[] {'h', 'i'}),
                            ByteBuffer.allocate(0),
                            ByteBuffer.wrap(new byte[] {'y', 'o'}))
                    .verifyComplete();
            assertThat(skipped).containsExactly((long) BEHIND_DAMAGE - DAMAGED);
        }
    }

    @Test
    void anyEndInsideFrame_truncated() {
        for (int length = 1; length < 8; length++) {
            for (Flux<ByteBuffer> chunks : splits(length)) {
                StepVerifier.create(CODEC.decode(chunks))
                        .expectError(TruncatedFrameException.class)
                        .verify();
            }
        }
    }

    @Test
    void longestFrame_comesBackAndALongerOneIsRefused() {
        ByteBuffer longest = ByteBuffer.allocate(0xffff);
        StepVerifier.create(CODEC.decode(CODEC.encode(Flux.just(longest))))
                .expectNext(longest)
                .verifyComplete();
        StepVerifier.create(CODEC.encode(Flux.just(ByteBuffer.allocate(0x10000))))
                .expectError(FrameTooLongException.class)
                .verify();
    }

    /** In one piece, in all pairs of pieces, and byte by byte. */
    private static List<Flux<ByteBuffer>> splits(int length) {
        List<Flux<ByteBuffer>> splits = new ArrayList<>();
        for (int cut = 0; cut < length; cut++) {
            splits.add(Flux.just(ByteBuffer.wrap(WIRE, 0, cut), ByteBuffer.wrap(WIRE, cut, length - cut)));
        }
        splits.add(Flux.range(0, length).map(i -> ByteBuffer.wrap(WIRE, i, 1)));
        return splits;
    }
}
