package reactor.framing.benchmarks.tcp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What nobody can beat by much: a thread for each connection that blocks, and one direct buffer that is used over and
 * over again. A frame is whole before it is handed on or sent back.
 */
final class RawServer implements Server {

    private static final int READ = 1 << 16;

    private final List<AutoCloseable> channels = new CopyOnWriteArrayList<>();

    @FunctionalInterface
    private interface Conversation {
        void hold(SocketChannel channel) throws IOException;
    }

    @Override
    public int ingest(Received received) throws IOException {
        return open(channel -> {
            ByteBuffer buffer = ByteBuffer.allocateDirect(2 * READ);
            ByteBuffer frame = buffer.duplicate();
            while (!received.isComplete() && channel.read(buffer) >= 0) {
                int end = 0;
                for (int next = nextFrame(buffer, end); next >= 0; next = nextFrame(buffer, end)) {
                    received.accept(frame.limit(next).position(end + 4));
                    end = next;
                }
                buffer.flip().position(end).compact();
                if (!buffer.hasRemaining()) {
                    buffer = grown(buffer);
                    frame = buffer.duplicate();
                }
            }
        });
    }

    @Override
    public int send(Outgoing outgoing) throws IOException {
        return open(channel -> {
            ByteBuffer buffer = ByteBuffer.allocateDirect(READ);
            while (outgoing.hasNext()) {
                byte[] message = outgoing.next();
                if (buffer.remaining() < 4) {
                    write(channel, buffer);
                }
                buffer.putInt(message.length);
                for (int written = 0; written < message.length; ) {
                    int n = Math.min(buffer.remaining(), message.length - written);
                    buffer.put(message, written, n);
                    written += n;
                    if (!buffer.hasRemaining()) {
                        write(channel, buffer);
                    }
                }
            }
            write(channel, buffer);
        });
    }

    @Override
    public int echo() throws IOException {
        return open(channel -> {
            ByteBuffer buffer = ByteBuffer.allocateDirect(2 * READ);
            while (channel.read(buffer) >= 0) {
                int end = 0;
                for (int next = nextFrame(buffer, end); next >= 0; next = nextFrame(buffer, end)) {
                    end = next;
                }
                int filled = buffer.position();
                buffer.flip().limit(end);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                buffer.limit(filled).compact();
                if (!buffer.hasRemaining()) {
                    buffer = grown(buffer);
                }
            }
        });
    }

    /** Has room for a longer frame. */
    private static ByteBuffer grown(ByteBuffer full) {
        return ByteBuffer.allocateDirect(2 * full.capacity()).put(full.flip());
    }

    /** The end of the frame that begins at the index, or -1 if it is not all there. */
    private static int nextFrame(ByteBuffer buffer, int start) {
        int there = buffer.position() - start;
        if (there < 4) {
            return -1;
        }
        int length = 4 + buffer.getInt(start);
        return there < length ? -1 : start + length;
    }

    private static void write(SocketChannel channel, ByteBuffer buffer) throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }

    private int open(Conversation conversation) throws IOException {
        ServerSocketChannel server =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        channels.add(server);
        start(() -> {
            while (true) {
                SocketChannel channel = server.accept();
                channels.add(channel);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                start(() -> {
                    try (channel) {
                        conversation.hold(channel);
                    }
                });
            }
        });
        return ((InetSocketAddress) server.getLocalAddress()).getPort();
    }

    @FunctionalInterface
    private interface Task {
        void run() throws IOException;
    }

    private static void start(Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (IOException e) {
                // closed; what the other process misses, it tells
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public int ask(Outgoing questions, Received answers, int underWay) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() throws IOException {
        for (AutoCloseable channel : channels) {
            try {
                channel.close();
            } catch (Exception e) {
                throw new IOException(e);
            }
        }
        channels.clear();
    }
}
