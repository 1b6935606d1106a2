package reactor.framing.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.FrameMetrics.RequestEnd;
import reactor.framing.format.LengthField;
import reactor.framing.format.Slip;

class MicrometerFrameMetricsTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final MicrometerFrameMetrics metrics = MicrometerFrameMetrics.of("test", registry, Tag.of("zone", "a"));
    private final FrameCodec codec = FrameCodec.of(LengthField.ofSize(1)).metrics(metrics);

    private static Flux<ByteBuffer> chunk(int... bytes) {
        ByteBuffer chunk = ByteBuffer.allocate(bytes.length);
        for (int value : bytes) {
            chunk.put((byte) value);
        }
        return Flux.just(chunk.flip());
    }

    private double count(String name) {
        return registry.get(name).tag("name", "test").tag("zone", "a").counter().count();
    }

    @Test
    void framesAndBytes_inAndOut() {
        codec.decode(chunk(1, 'a', 3, 'b', 'c', 'd')).blockLast();
        codec.encode(chunk('a', 'b')).blockLast();

        assertThat(count("reactor.framing.frames.received")).isEqualTo(2);
        assertThat(count("reactor.framing.data.received")).isEqualTo(6);
        assertThat(count("reactor.framing.frames.sent")).isEqualTo(1);
        assertThat(count("reactor.framing.data.sent")).isEqualTo(3);
        assertThat(registry.get("reactor.framing.frames.received.largest")
                        .summary()
                        .max())
                .isEqualTo(4);
    }

    @Test
    void faults_byKindAndWhatWasSkipped() {
        FrameCodec.of(Slip.rfc1055())
                .metrics(metrics)
                .skipInvalid(fault -> {})
                .decode(chunk(0xC0, 'a', 0xDB, 0, 'b', 0xC0, 'c', 0xC0))
                .blockLast();
        codec.decode(chunk(5, 'a')).onErrorComplete().blockLast();

        assertThat(registry.get("reactor.framing.errors")
                        .tag("exception", "CorruptFrameException")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("reactor.framing.errors")
                        .tag("exception", "TruncatedFrameException")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(count("reactor.framing.data.skipped")).isPositive();
    }

    @Test
    void requests_activeAndTheirTime() {
        metrics.requestSent();
        metrics.requestSent();
        metrics.requestEnded(RequestEnd.ANSWERED, Duration.ofMillis(20));

        assertThat(registry.get("reactor.framing.requests.active").gauge().value())
                .isEqualTo(1);
        assertThat(registry.get("reactor.framing.requests")
                        .tag("status", "answered")
                        .timer()
                        .totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(20);
        assertThat(registry.get("reactor.framing.requests")
                        .tag("status", "cancelled")
                        .timer()
                        .count())
                .isZero();
    }

    @Test
    void everyMeter_isNamedAndTagged() {
        codec.decode(chunk(5)).onErrorComplete().blockLast();

        List<Meter> meters = registry.getMeters();
        assertThat(meters).isNotEmpty().allSatisfy(meter -> {
            assertThat(meter.getId().getName()).startsWith("reactor.framing.");
            assertThat(meter.getId().getTag("name")).isEqualTo("test");
            assertThat(meter.getId().getTag("zone")).isEqualTo("a");
            assertThat(meter.getId().getTag("remote.address")).isNull();
        });
    }
}
