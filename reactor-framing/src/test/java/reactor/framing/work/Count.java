package reactor.framing.work;

import java.nio.ByteBuffer;

/** What instrumented classes have done: jumps, entered methods, and bytes of arrays and of calls that go over many. */
public final class Count {

    private static long steps;

    private Count() {}

    /** A jump, or the entry of a method. */
    public static void step() {
        steps++;
    }

    /** So many bytes. */
    public static void steps(int n) {
        steps += n;
    }

    /** All bytes of the array, or all that is left of the buffer. */
    public static void steps(Object bytes) {
        if (bytes instanceof ByteBuffer buffer) {
            steps += buffer.remaining();
        } else if (bytes instanceof byte[] array) {
            steps += array.length;
        }
    }

    static long take() {
        long taken = steps;
        steps = 0;
        return taken;
    }
}
