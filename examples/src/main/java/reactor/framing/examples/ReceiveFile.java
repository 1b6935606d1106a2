package reactor.framing.examples;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.zip.CRC32C;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.framing.FrameCodec;
import reactor.framing.FramePart;
import reactor.framing.format.LengthField;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

/**
 * Receives one frame that is larger than the heap into a file: {@link FrameCodec#decodeParts} delivers what each chunk
 * brings of it. Run it with {@code -Xmx32m}.
 */
public final class ReceiveFile {

    private static final String USAGE = """
            usage: ReceiveFile [BYTES]
            Sends one frame of that many bytes, 256 MiB without a number, over loopback into a file.""";

    private static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(8)).maxFrameLength(Long.MAX_VALUE);

    private ReceiveFile() {}

    /**
     * Sends one frame through a loopback connection and compares what came with what was sent.
     *
     * @param args see the usage
     * @throws IOException if the connection or the file fails
     */
    public static void main(String[] args) throws IOException {
        Options options = Options.parse(USAGE, args);
        long length = options.more().isEmpty()
                ? 256L << 20
                : Long.parseLong(options.more().get(0));
        Path file = Files.createTempFile("frame", ".bin");
        try {
            Sinks.One<Long> parts = Sinks.one();
            DisposableServer server = TcpServer.create()
                    .host("127.0.0.1")
                    .port(0)
                    .doOnConnection(connection -> store(connection, file)
                            .doFinally(signal -> connection.dispose())
                            .subscribe(parts::tryEmitValue, parts::tryEmitError))
                    .bindNow();
            long sent = send(server.port(), length);
            long count = parts.asMono().block();
            server.disposeNow();
            boolean same = Files.size(file) == length && checksum(file) == sent;
            System.out.printf(
                    "one frame of %,d bytes came in %,d parts through a heap of %,d bytes; the file is %s%n",
                    length, count, Runtime.getRuntime().maxMemory(), same ? "the same" : "DIFFERENT");
            if (!same) {
                System.exit(1);
            }
        } finally {
            Files.delete(file);
        }
    }

    /** Writes the first frame to the file; the number of its parts. */
    private static Mono<Long> store(Connection connection, Path file) {
        return Mono.using(
                () -> FileChannel.open(file, StandardOpenOption.WRITE),
                channel -> connection
                        .inbound()
                        .receive()
                        .asByteBuffer()
                        .transform(CODEC::decodeParts)
                        // writing blocks; at most 16 parts wait for it
                        .publishOn(Schedulers.boundedElastic(), 16)
                        .doOnNext(part -> write(channel, part))
                        .takeUntil(FramePart::last)
                        .count());
    }

    private static void write(FileChannel channel, FramePart part) {
        try {
            ByteBuffer content = part.content();
            while (content.hasRemaining()) {
                channel.write(content);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a frame of random bytes; their checksum. */
    private static long send(int port, long length) throws IOException {
        CRC32C crc = new CRC32C();
        Random random = new Random(length);
        byte[] block = new byte[64 * 1024];
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            OutputStream out = socket.getOutputStream();
            out.write(ByteBuffer.allocate(8).putLong(length).array());
            for (long left = length; left > 0; ) {
                int n = (int) Math.min(block.length, left);
                random.nextBytes(block);
                crc.update(block, 0, n);
                out.write(block, 0, n);
                left -= n;
            }
        }
        return crc.getValue();
    }

    private static long checksum(Path file) throws IOException {
        CRC32C crc = new CRC32C();
        ByteBuffer block = ByteBuffer.allocate(64 * 1024);
        try (FileChannel channel = FileChannel.open(file)) {
            while (channel.read(block) >= 0) {
                crc.update(block.flip());
                block.clear();
            }
        }
        return crc.getValue();
    }
}
