package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameCodec;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;
import reactor.framing.FramingException;
import reactor.framing.TestBytes;
import reactor.framing.test.StreamVerifier;

/** What every preset of {@link Protocols} has to stand. A subclass tells of the presets of its field. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PresetsContract {

    /** Longer streams are those that exceed a bound: thousands of ways to cut them would take minutes. */
    private static final int LONGEST_CUT_EVERYWHERE = 4096;

    /** The presets, each with at least one vector that is not ours and with what the verifier is to be told. */
    abstract List<Preset> presets();

    /** The presets of all subclasses. */
    static Stream<Preset> all() {
        return Stream.of(
                        new DatabaseProtocolsTest(),
                        new MessagingProtocolsTest(),
                        new WebProtocolsTest(),
                        new NetworkProtocolsTest(),
                        new FinanceProtocolsTest(),
                        new ManagementProtocolsTest(),
                        new AutomationProtocolsTest(),
                        new VehicleProtocolsTest(),
                        new PositioningProtocolsTest(),
                        new BitcoinTest(),
                        new LaboratoryProtocolsTest(),
                        new GameProtocolsTest())
                .flatMap(test -> test.presets().stream());
    }

    Stream<Preset.Case> cases() {
        return presets().stream().flatMap(preset -> preset.cases.stream());
    }

    Stream<Preset.Refused> refused() {
        return presets().stream().flatMap(preset -> preset.refused.stream());
    }

    Stream<Preset.Bounds> bounds() {
        return presets().stream().flatMap(preset -> preset.bounds.stream());
    }

    @Test
    void everyPreset_hasAVectorAFaultAndIsVerified() {
        assertThat(presets()).allSatisfy(preset -> {
            assertThat(Protocols.class.getMethod(preset.name()).invoke(null)).isSameAs(preset.framing);
            assertThat(preset.cases).anyMatch(each -> !each.frames().isEmpty());
            assertThat(preset.cases).anyMatch(each -> each.events().toString().matches(".*error (Corrupt|TooLong).*"));
            assertThat(preset.verifier).isNotNull();
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void stream_yields(Preset.Case each) {
        StreamVerifier verifier = StreamVerifier.of(each.framing()).allCutsUpTo(8);
        if (each.manner() == Preset.Manner.SKIPPING_FAULTS) {
            verifier = verifier.skipInvalid();
        }
        assertThat(verifier.stream(each.stream()).events()).isEqualTo(each.events());
        if (each.stream().length() <= 2 * LONGEST_CUT_EVERYWHERE) {
            verifier.stream(each.stream()).yields(each.events());
        }
        if (each.manner() == Preset.Manner.READ_AND_WRITTEN) {
            assertThat(written(each.framing(), each.frames())).isEqualTo(Preset.plain(each.stream()));
        }
    }

    /** A codec whose limit is above the bounds that are tried. */
    private static FrameCodec codec(Framing framing) {
        return FrameCodec.of(framing).maxFrameLength(1 << 25);
    }

    /** What the encoder makes of the frames, in hexadecimal. */
    static String written(Framing framing, List<String> frames) {
        return Flux.fromIterable(frames)
                .map(frame -> ByteBuffer.wrap(TestBytes.hex(frame)))
                .transform(codec(framing)::encode)
                .map(buffer -> HexFormat.of().formatHex(TestBytes.bytes(buffer)))
                .collectList()
                .map(all -> String.join("", all))
                .block();
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("refused")
    void frameThatCannotBe_notWritten(Preset.Refused each) {
        assertThatThrownBy(() -> written(each.framing(), List.of(each.frame()))).isInstanceOf(FramingException.class);
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("bounds")
    void shortestAndLongest_readAndWritten_othersRefused(Preset.Bounds each) {
        FrameCodec codec = codec(each.framing());
        for (int length : new int[] {each.min(), each.min() + 1, each.max() - 1, each.max()}) {
            byte[] frame = each.frame().apply(length);
            assertThat(frame).hasSize(length);
            assertThat(Flux.just(ByteBuffer.wrap(frame))
                            .transform(codec::encode)
                            .transform(codec::decode)
                            .collectList()
                            .block())
                    .containsExactly(ByteBuffer.wrap(frame));
        }
        if (each.min() > 0) {
            assertThatThrownBy(() -> write(codec, each.frame().apply(each.min() - 1)))
                    .isInstanceOf(CorruptFrameException.class);
        }
        if (!each.open()) {
            assertThatThrownBy(() -> write(codec, each.frame().apply(each.max() + 1)))
                    .isInstanceOfAny(FrameTooLongException.class, CorruptFrameException.class);
        }
    }

    private static void write(FrameCodec codec, byte[] frame) {
        Flux.just(ByteBuffer.wrap(frame)).transform(codec::encode).blockLast();
    }

    @Tag("one-jdk")
    @Tag("slow")
    @ParameterizedTest(name = "{0}")
    @MethodSource("presets")
    void promises_areKept(Preset preset) {
        preset.verifier.verify();
    }

    /** Streams of the vectors, some of whose bits are wrong. */
    @Tag("one-jdk")
    @ParameterizedTest(name = "{0}")
    @MethodSource("presets")
    void damagedVectors_giveOnlyFramesAndFramingExceptions(Preset preset) {
        Random random = new Random(22);
        for (Preset.Case each : preset.cases) {
            byte[] bytes = TestBytes.hex(each.stream());
            for (int i = 0; i < 20 && !each.frames().isEmpty(); i++) {
                byte[] damaged = bytes.clone();
                damaged[random.nextInt(Math.min(damaged.length, 40))] ^= (byte) (1 << random.nextInt(8));
                StreamVerifier verifier = StreamVerifier.of(preset.framing).allCutsUpTo(4).stream(damaged);
                List<String> events = verifier.events();
                assertThat(events).allMatch(e -> e.matches("(frame|complete|error (Corrupt|TooLong|Truncated)).*"));
                if (i == 0) {
                    verifier.yields(events);
                }
            }
        }
    }
}
