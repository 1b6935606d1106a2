package reactor.framing.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static reactor.framing.guide.Local.utf8;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.FrameLog;
import reactor.framing.FrameMetrics;
import reactor.framing.FramingException;
import reactor.framing.format.LengthField;
import reactor.framing.micrometer.MicrometerFrameMetrics;
import reactor.test.StepVerifier;
import reactor.util.Logger;
import reactor.util.Loggers;

/** The samples of docs/observing.md. */
class ObservingGuideTest {

    @AfterEach
    void resetLoggers() {
        Loggers.resetLoggerFactory();
    }

    // tag::metrics[]
    static final class Counters implements FrameMetrics {

        final LongAdder frames = new LongAdder();
        final LongAdder bytes = new LongAdder();
        final LongAdder faults = new LongAdder();

        @Override
        public void received(long frames, long bytes, long largest) {
            this.frames.add(frames);
            this.bytes.add(bytes);
        }

        @Override
        public void fault(FramingException fault) {
            faults.increment();
        }
    }

    static FrameCodec counted(Counters counters) {
        return FrameCodec.of(LengthField.ofSize(1)).maxFrameLength(100).metrics(counters);
    }
    // end::metrics[]

    @Test
    void framesAndFaults_areCounted() {
        Counters counters = new Counters();
        FrameCodec codec = counted(counters);

        StepVerifier.create(codec.decode(Flux.just(utf8("\2hi\1!"), ByteBuffer.wrap(new byte[] {-1}))))
                .expectNextCount(2)
                .verifyError(FramingException.class);

        assertThat(counters.frames.sum()).isEqualTo(2);
        assertThat(counters.bytes.sum()).isEqualTo(5);
        assertThat(counters.faults.sum()).isEqualTo(1);
    }

    // tag::micrometer[]
    static FrameCodec measured(MeterRegistry registry) {
        return FrameCodec.of(LengthField.ofSize(1)).metrics(MicrometerFrameMetrics.of("shop", registry));
    }
    // end::micrometer[]

    @Test
    void framesAreCountedByMicrometer() {
        MeterRegistry registry = new SimpleMeterRegistry();

        StepVerifier.create(measured(registry).decode(Flux.just(utf8("\2hi\1!"))))
                .expectNextCount(2)
                .verifyComplete();

        assertThat(registry.get("reactor.framing.frames.received")
                        .tag("name", "shop")
                        .counter()
                        .count())
                .isEqualTo(2);
    }

    // tag::log[]
    static FrameCodec logged() {
        Consumer<ByteBuffer> mask = frame -> {
            for (int i = frame.position() + 4; i < frame.limit(); i++) {
                frame.put(i, (byte) '*'); // all but the type is secret
            }
        };
        return FrameCodec.of(LengthField.ofSize(1))
                .log(FrameLog.to("shop.frames").show(32).mask(mask));
    }
    // end::log[]

    @Test
    void framesAreLogged_withoutTheSecret() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Loggers.useCustomLoggers(name -> new PrintingLogger(new PrintStream(out, true, StandardCharsets.UTF_8)));

        StepVerifier.create(logged().decode(Flux.just(utf8("\13PAY 4711-17"))))
                .expectNext(utf8("PAY 4711-17"))
                .verifyComplete();

        String shown = Pages.blocks(Pages.page("docs/observing.md"), "text").get(0);
        assertThat(out.toString(StandardCharsets.UTF_8).replace("\r\n", "\n").strip())
                .isEqualTo(shown.strip());
    }

    /** Prints what is logged at level debug. */
    private static final class PrintingLogger implements Logger {

        private final PrintStream out;

        PrintingLogger(PrintStream out) {
            this.out = out;
        }

        @Override
        public String getName() {
            return "printing";
        }

        @Override
        public boolean isDebugEnabled() {
            return true;
        }

        @Override
        public void debug(String msg) {}

        @Override
        public void debug(String format, Object... arguments) {
            out.println(arguments[0]);
        }

        @Override
        public void debug(String msg, Throwable t) {
            out.println(msg);
        }

        @Override
        public boolean isTraceEnabled() {
            return false;
        }

        @Override
        public void trace(String msg) {}

        @Override
        public void trace(String format, Object... arguments) {}

        @Override
        public void trace(String msg, Throwable t) {}

        @Override
        public boolean isInfoEnabled() {
            return false;
        }

        @Override
        public void info(String msg) {}

        @Override
        public void info(String format, Object... arguments) {}

        @Override
        public void info(String msg, Throwable t) {}

        @Override
        public boolean isWarnEnabled() {
            return false;
        }

        @Override
        public void warn(String msg) {}

        @Override
        public void warn(String format, Object... arguments) {}

        @Override
        public void warn(String msg, Throwable t) {}

        @Override
        public boolean isErrorEnabled() {
            return false;
        }

        @Override
        public void error(String msg) {}

        @Override
        public void error(String format, Object... arguments) {}

        @Override
        public void error(String msg, Throwable t) {}
    }
}
