package reactor.framing.benchmarks.tcp;

import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The other end of the wire, the same for all contenders: one thread, many frames with each call of the system, and
 * every byte that comes compared with what has to come.
 */
final class Peer {

    private static final int READ = 1 << 18;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Messages messages;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ);

    Peer(Messages messages) {
        this.messages = messages;
    }

    /**
     * A number of frames that went over the wire.
     *
     * @param cpu nanoseconds that this end was not waiting
     */
    record Window(long frames, long nanos, long cpu) {

        double nanosPerFrame() {
            return (double) nanos / frames;
        }

        /** The part of the time that this end was busy; near 1, it is what limits. */
        double load() {
            return (double) cpu / nanos;
        }
    }

    /** When something began. */
    private record Start(long nanos, long cpu) {

        static Start now() {
            return new Start(System.nanoTime(), THREADS.getCurrentThreadCpuTime());
        }

        Window end(long frames) {
            return new Window(frames, System.nanoTime() - nanos, THREADS.getCurrentThreadCpuTime() - cpu);
        }
    }

    static SocketChannel connect(int port) throws IOException {
        SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        return channel;
    }

    /** Sends all messages so many times, and waits for the other end to have taken them in and close. */
    Window ingest(int port, long periods) throws IOException {
        try (SocketChannel channel = connect(port)) {
            Start start = Start.now();
            for (long i = 0; i < periods; i++) {
                write(channel, messages.wire());
            }
            if (channel.read(buffer.clear()) != -1) {
                throw new IllegalStateException("bytes came where none were to come");
            }
            return start.end(periods * messages.count());
        }
    }

    /** Takes in all messages so many times, and the end behind them. */
    Window send(int port, long periods) throws IOException {
        try (SocketChannel channel = connect(port)) {
            Start start = Start.now();
            WireCheck check = new WireCheck(messages);
            long total = periods * messages.wire().remaining();
            while (check.bytes() < total) {
                read(channel, check);
            }
            Window window = start.end(periods * messages.count());
            if (check.bytes() > total || channel.read(buffer.clear()) != -1) {
                throw new IllegalStateException("more came than " + total + " bytes");
            }
            return window;
        }
    }

    /** Sends all messages, which come so many times, back, and waits for the other end to close. */
    Window answer(int port, long periods) throws IOException {
        try (SocketChannel channel = connect(port)) {
            Start start = Start.now();
            WireCheck check = new WireCheck(messages);
            long total = periods * messages.wire().remaining();
            while (check.bytes() < total) {
                read(channel, check);
                write(channel, buffer.flip());
            }
            if (channel.read(buffer.clear()) != -1) {
                throw new IllegalStateException("more came than " + total + " bytes");
            }
            return start.end(periods * messages.count());
        }
    }

    /**
     * Takes in what comes, and tells how many bytes that were, until somebody closes the channel; for a thread of its
     * own.
     */
    void drain(SocketChannel channel, AtomicLong bytes) {
        WireCheck check = new WireCheck(messages);
        try {
            while (true) {
                read(channel, check);
                bytes.set(check.bytes());
            }
        } catch (IOException e) {
            // closed
        }
    }

    /**
     * Sends messages on several connections, of each so many that have not come back yet, and waits for all to be back.
     */
    Window echo(int port, int connections, int inFlight, long framesEach) throws IOException {
        List<Echoed> all = new ArrayList<>();
        try (Selector selector = Selector.open()) {
            for (int i = 0; i < connections; i++) {
                SocketChannel channel = connect(port);
                channel.configureBlocking(false);
                all.add(new Echoed(channel, selector, inFlight, framesEach));
            }
            Start start = Start.now();
            for (Echoed echoed : all) {
                echoed.write();
            }
            for (int complete = 0; complete < connections; ) {
                selector.select();
                for (SelectionKey key : selector.selectedKeys()) {
                    complete += ((Echoed) key.attachment()).ready() ? 1 : 0;
                }
                selector.selectedKeys().clear();
            }
            return start.end(connections * framesEach);
        } finally {
            for (Echoed echoed : all) {
                echoed.channel.close();
            }
        }
    }

    /** Sends one message at a time and waits for it to come back, for a while; microseconds of each. */
    double[] ping(int port, long nanos) throws IOException {
        List<Double> micros = new ArrayList<>();
        try (SocketChannel channel = connect(port)) {
            WireCheck check = new WireCheck(messages);
            int wireLength = messages.wireLength();
            long start = System.nanoTime();
            while (System.nanoTime() - start < nanos) {
                int at = (int) (check.bytes() % messages.wire().limit());
                long sent = System.nanoTime();
                write(channel, messages.wire().limit(at + wireLength).position(at));
                for (long end = check.bytes() + wireLength; check.bytes() < end; ) {
                    read(channel, check);
                }
                micros.add((System.nanoTime() - sent) / 1e3);
            }
        }
        return micros.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** Opens connections, of which each has sent a message and got it back, and leaves them open. */
    List<SocketChannel> idle(int port, int connections) throws IOException {
        List<SocketChannel> channels = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            SocketChannel channel = connect(port);
            channels.add(channel);
            write(channel, messages.wire().limit(messages.wireLength()));
            WireCheck check = new WireCheck(messages);
            while (check.bytes() < messages.wireLength()) {
                read(channel, check);
            }
        }
        return channels;
    }

    private static void write(SocketChannel channel, ByteBuffer wire) throws IOException {
        while (wire.hasRemaining()) {
            channel.write(wire);
        }
    }

    private void read(SocketChannel channel, WireCheck check) throws IOException {
        if (channel.read(buffer.clear()) < 0) {
            throw new EOFException("closed after " + check.bytes() + " bytes");
        }
        check.accept(buffer.flip());
    }

    /** One of several connections on which messages come back. */
    private final class Echoed {

        private final SocketChannel channel;
        private final SelectionKey key;
        private final WireCheck check = new WireCheck(messages);
        private final ByteBuffer wire = messages.wire();
        private final int period = wire.limit();
        private final int inFlight;
        private final long total;
        private long sent;

        Echoed(SocketChannel channel, Selector selector, int inFlight, long frames) throws IOException {
            this.channel = channel;
            this.inFlight = inFlight;
            total = frames * messages.wireLength();
            key = channel.register(selector, SelectionKey.OP_READ, this);
        }

        /** Goes on, and tells whether that was the end. */
        boolean ready() throws IOException {
            if (key.isReadable()) {
                read(channel, check);
            }
            write();
            return check.bytes() == total;
        }

        void write() throws IOException {
            long back = check.bytes() / messages.wireLength();
            long allowed = Math.min(total, (back + inFlight) * messages.wireLength());
            boolean writable = true;
            while (writable && sent < allowed) {
                int at = (int) (sent % period);
                wire.limit((int) Math.min(period, at + allowed - sent)).position(at);
                sent += channel.write(wire);
                writable = !wire.hasRemaining();
            }
            int interest = writable ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE;
            if (key.interestOps() != interest) {
                key.interestOps(interest);
            }
        }
    }
}
