package reactor.framing.test;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** What this thread has spent, as far as the JVM tells. */
final class Cost {

    private Cost() {}

    /** Bytes; 0 where nobody counts them. */
    static long allocatedBytes() {
        try {
            return Allocated.bytes();
        } catch (LinkageError noManagement) {
            return 0;
        }
    }

    /** Nanoseconds in which this thread had the processor; 0 where nobody counts them. */
    static long processorNanos() {
        try {
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            return threads.isCurrentThreadCpuTimeSupported() && threads.isThreadCpuTimeEnabled()
                    ? threads.getCurrentThreadCpuTime()
                    : 0;
        } catch (LinkageError noManagement) {
            return 0;
        }
    }

    /** A class of its own, as not every JVM has what it is linked to. */
    private static final class Allocated {

        static long bytes() {
            return ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean threads
                            && threads.isThreadAllocatedMemorySupported()
                            && threads.isThreadAllocatedMemoryEnabled()
                    ? threads.getThreadAllocatedBytes(Thread.currentThread().getId())
                    : 0;
        }
    }
}
