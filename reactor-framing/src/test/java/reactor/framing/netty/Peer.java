package reactor.framing.netty;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** The other end of a connection: a blocking socket of the JDK, which knows nothing of Netty. */
final class Peer implements AutoCloseable {

    /** How a peer ends the connection. */
    enum End {
        /** It shuts its output, on TLS without a word, and reads on. */
        FIN,
        /** It shuts its output by close_notify, and reads on. */
        CLOSE_NOTIFY,
        /** It closes both directions. */
        CLOSE,
        /** It resets the connection: what has not been sent by then is lost. */
        RST
    }

    /** What the peer has read, and why no more. */
    record Received(byte[] bytes, @Nullable IOException failure) {}

    private final @Nullable Socket raw;
    private final @Nullable SSLSocket ssl;
    private final @Nullable SocketChannel unix;
    private final CompletableFuture<Received> received = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private @Nullable Thread reader;

    private Peer(@Nullable Socket raw, @Nullable SSLSocket ssl, @Nullable SocketChannel unix) {
        this.raw = raw;
        this.ssl = ssl;
        this.unix = unix;
    }

    static Peer connect(Transport transport, SocketAddress to) throws IOException {
        SocketAddress address = Transport.jdkAddress(to);
        if (transport == Transport.UNIX) {
            return new Peer(null, null, SocketChannel.open(address));
        }
        InetSocketAddress inet = (InetSocketAddress) address;
        return of(new Socket(inet.getAddress(), inet.getPort()), transport, true);
    }

    private static Peer of(Socket raw, Transport transport, boolean client) throws IOException {
        raw.setTcpNoDelay(true);
        if (!transport.isTls()) {
            return new Peer(raw, null, null);
        }
        SSLSocket ssl =
                (SSLSocket) Transport.Tls.jdk().getSocketFactory().createSocket(raw, "localhost", raw.getPort(), true);
        ssl.setUseClientMode(client);
        ssl.setEnabledProtocols(new String[] {Objects.requireNonNull(transport.tlsVersion())});
        ssl.startHandshake();
        return new Peer(raw, ssl, null);
    }

    /** Waits for one connection. */
    static final class Listener implements AutoCloseable {

        private final Transport transport;
        private final @Nullable ServerSocket tcp;
        private final @Nullable ServerSocketChannel unix;

        Listener(Transport transport) throws IOException {
            this.transport = transport;
            if (transport == Transport.UNIX) {
                tcp = null;
                unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(transport.listenAddress());
            } else {
                tcp = new ServerSocket();
                tcp.bind(transport.listenAddress());
                unix = null;
            }
        }

        SocketAddress address() throws IOException {
            return unix != null
                    ? unix.getLocalAddress()
                    : Objects.requireNonNull(tcp).getLocalSocketAddress();
        }

        Peer accept() throws IOException {
            return unix != null
                    ? new Peer(null, null, unix.accept())
                    : of(Objects.requireNonNull(tcp).accept(), transport, false);
        }

        @Override
        public void close() throws IOException {
            if (tcp != null) {
                tcp.close();
            }
            if (unix != null) {
                unix.close();
            }
        }
    }

    void write(byte[] bytes) throws IOException {
        if (unix != null) {
            for (ByteBuffer buffer = ByteBuffer.wrap(bytes); buffer.hasRemaining(); ) {
                unix.write(buffer);
            }
        } else {
            stream().getOutputStream().write(bytes);
        }
    }

    int read(byte[] target) throws IOException {
        return unix != null
                ? unix.read(ByteBuffer.wrap(target))
                : stream().getInputStream().read(target);
    }

    byte[] readNBytes(int n) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(n);
        while (all.hasRemaining()) {
            byte[] some = new byte[all.remaining()];
            int length = read(some);
            if (length < 0) {
                throw new IOException("the stream ended after " + all.position() + " of " + n + " bytes");
            }
            all.put(some, 0, length);
        }
        return all.array();
    }

    private Socket stream() {
        return Objects.requireNonNull(ssl != null ? ssl : raw);
    }

    /** Reads to the end, on a thread of its own. */
    Peer readAll() {
        return read(this::readToTheEnd);
    }

    /** Reads to the end, on a thread of its own, and keeps nothing: for sends without an end. */
    Peer drain() {
        return read(() -> {
            byte[] some = new byte[64 * 1024];
            try {
                while (read(some) >= 0) {
                    // once more
                }
            } catch (IOException e) {
                // closed
            }
        });
    }

    private Peer read(Runnable task) {
        Thread thread = new Thread(task, "peer-reader");
        thread.setDaemon(true);
        reader = thread;
        thread.start();
        return this;
    }

    private void readToTheEnd() {
        byte[] some = new byte[64 * 1024];
        IOException failure = null;
        try {
            for (int n = read(some); n >= 0; n = read(some)) {
                synchronized (bytes) {
                    bytes.write(some, 0, n);
                }
            }
        } catch (IOException e) {
            failure = e;
        }
        synchronized (bytes) {
            received.complete(new Received(bytes.toByteArray(), failure));
        }
    }

    /** All that has been read, when {@link #readAll()} has come to the end. */
    Received received(Duration timeout) throws InterruptedException, TimeoutException {
        try {
            return received.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits until something can be read, and leaves it there. */
    void awaitReadable() throws IOException {
        SocketChannel channel = Objects.requireNonNull(unix);
        channel.configureBlocking(false);
        try (Selector selector = Selector.open()) {
            channel.register(selector, SelectionKey.OP_READ);
            selector.select(ConnectionTester.SOON.toMillis());
        }
        channel.configureBlocking(true);
    }

    /** Waits until {@link #readAll()} has read what has arrived. */
    void awaitNothingUnread() {
        ConnectionTester.await("nothing unread at the peer", () -> {
            try {
                return raw == null || raw.getInputStream().available() == 0;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    void end(End how) throws IOException {
        switch (how) {
            case FIN -> shutdownOutput();
            case CLOSE_NOTIFY -> Objects.requireNonNull(ssl).shutdownOutput();
            case CLOSE -> close();
            case RST -> reset();
        }
    }

    void shutdownOutput() throws IOException {
        if (unix != null) {
            unix.shutdownOutput();
        } else {
            Objects.requireNonNull(raw).shutdownOutput();
        }
    }

    /** A Unix domain socket resets when it is closed with something unread. */
    void reset() throws IOException {
        if (unix != null) {
            unix.close();
            return;
        }
        Socket socket = Objects.requireNonNull(raw);
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        if (unix != null) {
            unix.close();
        } else {
            stream().close();
        }
    }

    /** Closes what is open, and waits for the thread that reads. */
    void finish() throws InterruptedException {
        try {
            if (raw != null) {
                raw.close();
            }
            close();
        } catch (IOException e) {
            // closed then
        }
        if (reader != null) {
            reader.join(ConnectionTester.SOON.toMillis());
        }
    }
}
