package reactor.framing.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import reactor.framing.FrameMetrics;
import reactor.framing.FramingException;

/**
 * Frame metrics in a Micrometer registry, named as those of Reactor Netty are.
 *
 * <table>
 * <caption>Meters, each with the tag {@code name} and those that were given</caption>
 * <tr><th>meter</th><th>type</th><th>what</th></tr>
 * <tr><td>{@code reactor.framing.frames.received}, {@code .sent}</td><td>counter</td><td>frames</td></tr>
 * <tr><td>{@code reactor.framing.data.received}, {@code .sent}</td><td>counter, bytes</td>
 *     <td>what these frames took on the wire</td></tr>
 * <tr><td>{@code reactor.framing.frames.received.largest}, {@code .sent.largest}</td><td>summary, bytes</td>
 *     <td>the longest frame of each group that was read or written in one go; its maximum is the longest frame of
 *     late</td></tr>
 * <tr><td>{@code reactor.framing.errors}</td><td>counter, tag {@code exception}</td>
 *     <td>faults by kind: {@code FrameTimeoutException} counts the partial frames that timed out</td></tr>
 * <tr><td>{@code reactor.framing.data.skipped}</td><td>counter, bytes</td><td>what was passed over</td></tr>
 * <tr><td>{@code reactor.framing.requests.active}</td><td>gauge</td><td>requests without an answer</td></tr>
 * <tr><td>{@code reactor.framing.requests}</td><td>timer, tag {@code status}: {@code answered}, {@code failed},
 *     {@code cancelled}</td><td>how long requests took</td></tr>
 * </table>
 *
 * <p>No meter has the peer's address as a tag: there would be one for every client. A mean frame size is
 * {@code data.received / frames.received}.
 *
 * <pre>{@code
 * FrameCodec codec = FrameCodec.of(Protocols.kafka())
 *         .metrics(MicrometerFrameMetrics.of("kafka-proxy", registry));
 * }</pre>
 */
public final class MicrometerFrameMetrics implements FrameMetrics {

    private static final String PREFIX = "reactor.framing.";

    private final MeterRegistry registry;
    private final Tags tags;
    private final Direction received;
    private final Direction sent;
    private final Counter skipped;
    private final LongAdder active = new LongAdder();
    private final Map<RequestEnd, Timer> requests = new EnumMap<>(RequestEnd.class);
    private final Map<String, Counter> errors = new ConcurrentHashMap<>();

    private MicrometerFrameMetrics(MeterRegistry registry, Tags tags) {
        this.registry = registry;
        this.tags = tags;
        received = new Direction(registry, tags, "received");
        sent = new Direction(registry, tags, "sent");
        skipped = bytesOf(registry, tags, "data.skipped");
        Gauge.builder(PREFIX + "requests.active", active, LongAdder::sum)
                .tags(tags)
                .strongReference(true)
                .register(registry);
        for (RequestEnd end : RequestEnd.values()) {
            requests.put(
                    end,
                    Timer.builder(PREFIX + "requests")
                            .tags(tags)
                            .tag("status", end.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
    }

    /**
     * Counts in a registry.
     *
     * @param name tells the codec from others; the tag {@code name}
     * @param registry the registry
     * @param more other tags
     * @return the metrics, for one codec or several
     */
    public static MicrometerFrameMetrics of(String name, MeterRegistry registry, Tag... more) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(registry, "registry");
        return new MicrometerFrameMetrics(registry, Tags.of(more).and("name", name));
    }

    private record Direction(Counter frames, Counter bytes, DistributionSummary largest) {

        Direction(MeterRegistry registry, Tags tags, String name) {
            this(
                    Counter.builder(PREFIX + "frames." + name).tags(tags).register(registry),
                    bytesOf(registry, tags, "data." + name),
                    DistributionSummary.builder(PREFIX + "frames." + name + ".largest")
                            .baseUnit("bytes")
                            .tags(tags)
                            .register(registry));
        }

        void count(long moreFrames, long moreBytes, long longest) {
            frames.increment(moreFrames);
            bytes.increment(moreBytes);
            largest.record(longest);
        }
    }

    private static Counter bytesOf(MeterRegistry registry, Tags tags, String name) {
        return Counter.builder(PREFIX + name).baseUnit("bytes").tags(tags).register(registry);
    }

    @Override
    public void received(long frames, long bytes, long largest) {
        received.count(frames, bytes, largest);
    }

    @Override
    public void sent(long frames, long bytes, long largest) {
        sent.count(frames, bytes, largest);
    }

    @Override
    public void fault(FramingException fault) {
        errors.computeIfAbsent(fault.getClass().getSimpleName(), this::errors).increment();
        skipped.increment(Math.max(0, fault.skippedBytes()));
    }

    private Counter errors(String exception) {
        return Counter.builder(PREFIX + "errors")
                .tags(tags)
                .tag("exception", exception)
                .register(registry);
    }

    @Override
    public void requestSent() {
        active.increment();
    }

    @Override
    public void requestEnded(RequestEnd end, Duration time) {
        active.decrement();
        Timer timer = requests.get(end);
        if (timer != null) {
            timer.record(time);
        }
    }
}
