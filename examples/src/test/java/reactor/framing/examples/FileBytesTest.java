package reactor.framing.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Hooks;

class FileBytesTest {

    private final List<Throwable> dropped = new CopyOnWriteArrayList<>();

    @AfterEach
    void resetHook() {
        Hooks.resetOnErrorDropped();
    }

    @Test
    void readerThatIsCancelledWithinARead_endsInSilence(@TempDir Path directory) throws Exception {
        Hooks.onErrorDropped(dropped::add);
        // a reader of a pipe waits for whoever writes
        Path pipe = directory.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        AtomicReference<Thread> reader = new AtomicReference<>();
        Disposable pieces = FileBytes.read(pipe)
                .doOnNext(piece -> reader.set(Thread.currentThread()))
                .subscribe();
        try (OutputStream out = Files.newOutputStream(pipe)) {
            out.write(1);
            await(() -> reader.get() != null && isInRead(reader.get()));

            pieces.dispose();

            await(() -> reader.get().getState() == Thread.State.WAITING);
        }
        assertThat(dropped).isEmpty();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        Instant end = Instant.now().plusSeconds(20);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).isBefore(end);
            Thread.sleep(1);
        }
    }

    private static boolean isInRead(Thread thread) {
        return List.of(thread.getStackTrace()).stream()
                .anyMatch(frame -> frame.getMethodName().equals("read0"));
    }
}
