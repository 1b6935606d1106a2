package reactor.framing.netty;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import reactor.blockhound.BlockHound;
import reactor.blockhound.BlockingMethod;
import reactor.blockhound.BlockingOperationError;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * Fails a test in which an event loop or a parallel thread blocks, also where somebody has caught the error that is
 * thrown there. What Reactor and Netty do at their own risk, BlockHound's integrations allow.
 */
final class NoBlocking implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {

    private static final String ALLOCATOR = "io.netty.buffer.AdaptivePoolingAllocator";

    private static final String VIRTUAL_TIME = VirtualTimeScheduler.class.getName();

    private static final Queue<BlockingOperationError> BLOCKED = new ConcurrentLinkedQueue<>();

    /** Whether such a test runs: BlockHound stays for the tests that this JVM runs later. */
    private static volatile boolean watching;

    /** BlockHound installs itself once a JVM. */
    private static final class Installed {

        static {
            BlockHound.builder()
                    .loadIntegrations()
                    .allowBlockingCallsInside(NoBlocking.class.getName(), "allow")
                    // the locks of Netty's adaptive allocator, as Netty allows those of its pooled one
                    .allowBlockingCallsInside(ALLOCATOR, "allocate")
                    .allowBlockingCallsInside(ALLOCATOR + "$Magazine", "free")
                    .allowBlockingCallsInside(ALLOCATOR + "$AdaptiveByteBuf", "deallocate")
                    // virtual time, which only tests have, keeps its tasks in a queue with a lock
                    .allowBlockingCallsInside(VIRTUAL_TIME + "$VirtualTimeWorker", "doScheduleAtTime")
                    .allowBlockingCallsInside(VIRTUAL_TIME, "drain")
                    .blockingMethodCallback(NoBlocking::onBlocked)
                    .install();
        }

        private Installed() {}

        static void ensure() {
            // initializes the class
        }
    }

    private static void onBlocked(BlockingMethod method) {
        if (watching) {
            BlockingOperationError error = new BlockingOperationError(method);
            BLOCKED.add(error);
            throw error;
        }
    }

    /** Has a test block an event loop, for a reason that is worth a line. */
    static void allow(String reason, Runnable blocking) {
        Objects.requireNonNull(reason);
        blocking.run();
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        Installed.ensure();
        BLOCKED.clear();
        watching = true;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        failIfBlocked();
    }

    /** Also what blocked behind the last test, while connections were closed. */
    @Override
    public void afterAll(ExtensionContext context) {
        watching = false;
        failIfBlocked();
    }

    private static void failIfBlocked() {
        List<BlockingOperationError> blocked = new ArrayList<>();
        for (BlockingOperationError each = BLOCKED.poll(); each != null; each = BLOCKED.poll()) {
            blocked.add(each);
        }
        if (!blocked.isEmpty()) {
            AssertionError failure =
                    new AssertionError(blocked.size() + " blocking calls on threads that must not block: " + blocked);
            blocked.forEach(failure::addSuppressed);
            throw failure;
        }
    }
}
