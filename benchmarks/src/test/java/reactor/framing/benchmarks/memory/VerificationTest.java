package reactor.framing.benchmarks.memory;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;

/** What a contender delivers is compared with what was written before it is timed. */
class VerificationTest {

    private final Stream stream = DecodeWorkload.W5.stream();
    private final Frames frames = new Frames();
    private final EncodeWorkload.Source source = EncodeWorkload.E1.source();
    private final Wire wire = new Wire();

    @ParameterizedTest
    @EnumSource
    void allSplits_everyDecoderPasses(DecodeContender contender) {
        assertThatCode(() -> Turns.contender("W5", contender.name()).getAsLong())
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @EnumSource
    void everyEncoderPasses(EncodeContender contender) {
        assertThatCode(() -> Turns.contender("E1", contender.name()).getAsLong())
                .doesNotThrowAnyException();
    }

    private List<ByteBuffer> decoded() {
        FrameCodec codec = FrameCodec.of(stream.format().framing);
        return codec.decode(Flux.fromArray(stream.chunks())).collectList().block();
    }

    @Test
    void frameWithAnotherByte_isFound() {
        List<ByteBuffer> decoded = decoded();
        decoded.get(7).put(3, (byte) ~decoded.get(7).get(3));
        assertThatIllegalStateException()
                .isThrownBy(() -> frames.verify(() -> decoded.forEach(frames::accept), stream))
                .withMessageContaining("other ones");
    }

    @Test
    void framesInAnotherOrder_areFound() {
        List<ByteBuffer> decoded = decoded();
        Collections.swap(decoded, 1, 2);
        assertThatIllegalStateException()
                .isThrownBy(() -> frames.verify(() -> decoded.forEach(frames::accept), stream))
                .withMessageContaining("other ones");
    }

    @Test
    void frameMissing_isFoundWhenNothingIsVerified() {
        frames.accept(ByteBuffer.allocate(64));
        assertThatIllegalStateException().isThrownBy(() -> frames.finish(stream));
    }

    @Test
    void wireWithAnotherByte_isFound() {
        byte[] bytes = new byte[(int) source.wireLength()];
        assertThatIllegalStateException()
                .isThrownBy(() -> wire.verify(() -> wire.accept(ByteBuffer.wrap(bytes)), source))
                .withMessageContaining("other ones");
    }

    @Test
    void wireTooShort_isFoundWhenNothingIsVerified() {
        wire.accept(ByteBuffer.allocate(10));
        assertThatIllegalStateException().isThrownBy(() -> wire.finish(source));
    }
}
