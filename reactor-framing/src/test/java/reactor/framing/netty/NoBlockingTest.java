package reactor.framing.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.DisposableServer;

/** Blocks on purpose, to see that {@link NoBlocking} fails such a test and no other. */
class NoBlockingTest {

    /** Is run by the tests below only: as a nested class, it is not looked for. */
    static class Blocking extends ConnectionTester {

        @Test
        void eventLoop() throws Exception {
            echo(Blocking::sleep);
        }

        @Test
        void eventLoopThatParks() throws Exception {
            echo(Blocking::park);
        }

        @Test
        void eventLoopOfNio() throws Exception {
            echo(Transport.NIO, Blocking::park);
        }

        @Test
        void eventLoopBehindTls() throws Exception {
            echo(Transport.TLS13, Blocking::park);
        }

        @Test
        void eventLoopWhoseErrorIsCaught() throws Exception {
            echo(() -> {
                try {
                    sleep();
                } catch (Throwable caught) {
                    // nobody is told
                }
            });
        }

        @Test
        void parallelThread() {
            Mono.fromRunnable(Blocking::sleep)
                    .subscribeOn(Schedulers.parallel())
                    .onErrorComplete(error -> true)
                    .block(SOON);
        }

        @Test
        void eventLoopThatMay() throws Exception {
            echo(() -> NoBlocking.allow("to see that it may", Blocking::sleep));
        }

        @Test
        void boundedElasticThread() {
            Mono.fromRunnable(Blocking::sleep)
                    .subscribeOn(Schedulers.boundedElastic())
                    .block(SOON);
        }

        @Test
        void nothing() throws Exception {
            echo(() -> {});
        }

        private void echo(Runnable onEventLoop) throws Exception {
            echo(Transport.EPOLL, onEventLoop);
        }

        private void echo(Transport transport, Runnable onEventLoop) throws Exception {
            DisposableServer server = serve(
                    transport,
                    LONG_PATIENCE,
                    connection -> connection.send(connection.receive().doOnNext(frame -> onEventLoop.run())));
            Peer peer = connect(transport, server).readAll();
            peer.write(wire("frame"));
            peer.shutdownOutput();
            peer.received(SOON);
        }

        private static void park() {
            LockSupport.parkNanos(1);
        }

        private static void sleep() {
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static TestExecutionSummary run(String method) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectMethod(Blocking.class, method))
                .build();
        LauncherFactory.create().execute(request, listener);
        TestExecutionSummary summary = listener.getSummary();
        assertThat(summary.getTestsFoundCount()).isOne();
        return summary;
    }

    @ParameterizedTest
    @CsvSource({
        "eventLoop, sleep",
        "eventLoopThatParks, park",
        "eventLoopOfNio, park",
        "eventLoopBehindTls, park",
        "eventLoopWhoseErrorIsCaught, sleep",
        "parallelThread, sleep"
    })
    void blockingCallWhereNoneMayBe_failsTheTest(String method, String call) {
        assertThat(run(method).getFailures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.getException())
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining(call)
                        .hasStackTraceContaining(Blocking.class.getName() + "." + call));
    }

    @ParameterizedTest
    @ValueSource(strings = {"eventLoopThatMay", "boundedElasticThread", "nothing"})
    void blockingCallThatMayBe_orNone_doesNot(String method) {
        assertThat(run(method).getFailures()).isEmpty();
    }

    static Stream<Class<?>> testsOfConnections() throws IOException {
        Path classes = Path.of("target", "test-classes", "reactor", "framing", "netty");
        try (Stream<Path> files = Files.list(classes)) {
            List<String> names = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("Test.class") && !name.contains("$"))
                    .map(name -> name.substring(0, name.length() - ".class".length()))
                    .toList();
            return names.stream().map(NoBlockingTest::load).filter(test -> test != NoBlockingTest.class);
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(NoBlockingTest.class.getPackageName() + "." + name);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("testsOfConnections")
    void everyTestOfConnections_isWatched(Class<?> test) {
        assertThat(AnnotationSupport.findRepeatableAnnotations(test, ExtendWith.class))
                .anySatisfy(extension -> assertThat(extension.value()).contains(NoBlocking.class));
    }
}
