package reactor.framing.examples;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.framing.FrameCodec;
import reactor.framing.Framing;
import reactor.framing.format.LengthField;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

/**
 * Shows what TCP does to messages and what a {@link FrameCodec} makes of it: a client sends messages in pieces that
 * ignore where a message ends, over a real socket, and the terminal shows each piece as it arrives, what is held of an
 * unfinished frame after it, and each frame the moment it is whole.
 */
public final class Demonstration {

    private static final List<String> MESSAGES = List.of(
            "hello", "TCP delivers bytes", "a", "b", "c", "", "and forgets where each message ended", "goodbye \u2713");

    /** Cut in the header, in the payload; glued; cut again. */
    private static final int[] PIECES = {2, 5, 1, 3, 19, 21, 1, 1, 1, 40};

    private static final HexFormat HEX = HexFormat.ofDelimiter(" ");

    private final PrintStream out;
    private final Framing framing;

    /** Released when the server asks for the next chunk, so that each piece arrives as one. */
    private final Semaphore wanted = new Semaphore(0);

    private final List<String> frames = new ArrayList<>();
    private int chunks;
    private long arrived;
    private long whole;

    private Demonstration(PrintStream out, Framing framing) {
        this.out = out;
        this.framing = framing;
    }

    /**
     * Runs the demonstration.
     *
     * @param args none
     * @throws Exception if the loopback connection fails
     */
    public static void main(String[] args) throws Exception {
        Options.parse(
                "usage: Demonstration\nShows chunks of bytes as they come, and the frames that they become.", args);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        boolean ok = new Demonstration(out, LengthField.ofSize(4))
                .run("A 4-byte length, then the payload: LengthField.ofSize(4)", 4);
        ok &= new Demonstration(out, LengthField.ofSize(2).marker((byte) 0x72))
                .run("Tag 0x72, a 2-byte length, the value: LengthField.ofSize(2).marker((byte) 0x72)", 3);
        System.exit(ok ? 0 : 1);
    }

    private boolean run(String title, int headerLength) throws Exception {
        FrameCodec codec = FrameCodec.of(framing);
        byte[] wire = encoded(codec);
        out.printf("%n== %s%n%n", title);
        out.printf(
                "The client sends %d messages, %d bytes, in pieces that ignore where a message ends.%n%n",
                MESSAGES.size(), wire.length);

        Sinks.Empty<Void> end = Sinks.empty();
        DisposableServer server = TcpServer.create()
                .host("127.0.0.1")
                .port(0)
                .doOnConnection(connection -> connection
                        .inbound()
                        .receive()
                        .asByteBuffer()
                        .doOnNext(this::showChunk)
                        .transform(chunks -> decode(codec, chunks, headerLength))
                        .doFinally(signal -> connection.dispose())
                        .subscribe(this::showFrame, end::tryEmitError, end::tryEmitEmpty))
                .bindNow();
        try {
            send(wire, server.port());
            end.asMono().block(Duration.ofSeconds(10));
        } finally {
            server.disposeNow();
        }

        boolean ok = frames.equals(MESSAGES);
        out.printf(
                "%n%d of %d messages arrived whole and in order, as %d frames out of %d chunks.%n",
                ok ? MESSAGES.size() : 0, MESSAGES.size(), frames.size(), chunks);
        return ok;
    }

    private Flux<ByteBuffer> decode(FrameCodec codec, Flux<ByteBuffer> chunks, int headerLength) {
        Scannable[] decoder = {Scannable.from(null)};
        // The decoder asks for a chunk when it can make no frame of what it holds.
        return codec.decode(chunks.doOnRequest(n -> {
                    showHeld(decoder[0].scanOrDefault(Scannable.Attr.BUFFERED, 0));
                    wanted.release();
                }))
                .doOnSubscribe(subscription -> decoder[0] = Scannable.from(subscription))
                .doOnNext(frame -> whole += headerLength + frame.remaining());
    }

    private void showChunk(ByteBuffer chunk) {
        byte[] bytes = new byte[chunk.remaining()];
        chunk.get(chunk.position(), bytes);
        arrived += bytes.length;
        String label = "chunk %d, %d byte%s".formatted(++chunks, bytes.length, bytes.length == 1 ? "" : "s");
        for (int from = 0; from < bytes.length; from += 16) {
            int to = Math.min(bytes.length, from + 16);
            out.printf("%-20s%-49s%s%n", label, HEX.formatHex(bytes, from, to), ascii(bytes, from, to));
            label = "";
        }
    }

    private void showHeld(int payload) {
        long unfinished = arrived - whole;
        if (unfinished > 0) {
            out.printf(
                    "   held             of an unfinished frame: header %d, payload %d bytes%n",
                    unfinished - payload, payload);
        }
    }

    private void showFrame(ByteBuffer frame) {
        String text = StandardCharsets.UTF_8.decode(frame.duplicate()).toString();
        frames.add(text);
        out.printf("   FRAME %-11d\"%s\"%n", frames.size(), text);
    }

    private static String ascii(byte[] bytes, int from, int to) {
        StringBuilder text = new StringBuilder();
        for (int i = from; i < to; i++) {
            text.append(bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char) bytes[i] : '.');
        }
        return text.toString();
    }

    private static byte[] encoded(FrameCodec codec) {
        List<ByteBuffer> buffers = Flux.fromIterable(MESSAGES)
                .map(StandardCharsets.UTF_8::encode)
                .transform(codec::encode)
                .collectList()
                .block();
        ByteBuffer all = ByteBuffer.allocate(
                buffers.stream().mapToInt(ByteBuffer::remaining).sum());
        buffers.forEach(all::put);
        return all.array();
    }

    private void send(byte[] wire, int port) throws IOException, InterruptedException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            int from = 0;
            for (int i = 0; from < wire.length; i++) {
                int length = i < PIECES.length ? Math.min(PIECES[i], wire.length - from) : wire.length - from;
                if (!wanted.tryAcquire(10, TimeUnit.SECONDS)) {
                    throw new IOException("the server does not read");
                }
                socket.getOutputStream().write(wire, from, length);
                from += length;
            }
        }
    }
}
