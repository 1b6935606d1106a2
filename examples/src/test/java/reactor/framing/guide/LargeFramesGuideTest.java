package reactor.framing.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static reactor.framing.guide.Local.SOON;
import static reactor.framing.guide.Local.client;
import static reactor.framing.guide.Local.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.framing.FrameCodec;
import reactor.framing.FramePart;
import reactor.framing.format.LengthField;
import reactor.framing.netty.FramedConnection;
import reactor.framing.test.Rechunk;
import reactor.netty.DisposableServer;
import reactor.test.StepVerifier;

/** The samples of docs/large-frames.md. */
class LargeFramesGuideTest {

    // tag::codec[]
    static final FrameCodec FILES = FrameCodec.of(LengthField.ofSize(8)).maxFrameLength(1L << 40);
    // end::codec[]

    // tag::receive[]
    /** Writes the next frame to a file; its length. */
    static Mono<Long> store(FramedConnection connection, Path file) {
        return Mono.using(
                () -> FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                channel -> connection
                        .receiveParts()
                        .takeUntil(FramePart::last)
                        .publishOn(Schedulers.boundedElastic(), 16) // writing blocks; 16 parts may wait for it
                        .map(part -> write(channel, part.content()))
                        .reduce(0L, Long::sum));
    }

    static long write(FileChannel channel, ByteBuffer content) {
        try {
            long length = content.remaining();
            while (content.hasRemaining()) {
                channel.write(content);
            }
            return length;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
    // end::receive[]

    // tag::send[]
    /** Sends a file as one frame. */
    static Mono<Void> send(FramedConnection connection, Path file) {
        return Mono.using(
                () -> FileChannel.open(file),
                channel ->
                        connection.sendParts(size(channel), pieces(channel).subscribeOn(Schedulers.boundedElastic())));
    }

    static Flux<ByteBuffer> pieces(FileChannel channel) {
        return Flux.generate(sink -> {
            try {
                ByteBuffer piece = ByteBuffer.allocate(64 * 1024);
                if (channel.read(piece) < 0) {
                    sink.complete();
                } else {
                    sink.next(piece.flip());
                }
            } catch (ClosedChannelException cancelled) {
                sink.complete(); // for nobody
            } catch (IOException e) {
                sink.error(e);
            }
        });
    }

    static long size(FileChannel channel) {
        try {
            return channel.size();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
    // end::send[]

    /** Where frames are kept, by their beginnings and what follows. */
    interface Store {
        Mono<Void> create(FramePart first);

        Mono<Void> append(FramePart next);
    }

    // tag::parts[]
    static Mono<Void> storeAll(Flux<ByteBuffer> chunks, Store store) {
        return FILES.decodeParts(chunks)
                .concatMap(part -> part.offset() == 0 ? store.create(part) : store.append(part), 0)
                .then();
    }
    // end::parts[]

    @Test
    void partsAreStoredOneAfterTheOther() {
        List<String> stored = new ArrayList<>();
        Store store = new Store() {
            @Override
            public Mono<Void> create(FramePart first) {
                return Mono.fromRunnable(() -> stored.add(Local.text(first.content())));
            }

            @Override
            public Mono<Void> append(FramePart next) {
                return Mono.fromRunnable(
                        () -> stored.add(stored.remove(stored.size() - 1) + Local.text(next.content())));
            }
        };
        Flux<ByteBuffer> chunks = FILES.encode(Flux.just(Local.utf8("one"), Local.utf8(""), Local.utf8("three")))
                .transform(Rechunk.byteByByte());

        StepVerifier.create(storeAll(chunks, store)).verifyComplete();
        assertThat(stored).containsExactly("one", "", "three");
    }

    @Test
    void fileGoesAsOneFrame(@TempDir Path directory) throws IOException {
        byte[] bytes = new byte[5_000_000];
        new Random(1).nextBytes(bytes);
        Path file = Files.write(directory.resolve("sent"), bytes);
        Path copy = directory.resolve("received");
        DisposableServer server = serve(
                FILES,
                connection -> store(connection, copy)
                        .flatMap(length -> connection.send(
                                Mono.just(ByteBuffer.allocate(8).putLong(length).flip()))));

        StepVerifier.create(FramedConnection.connect(
                        client(server),
                        FILES,
                        connection ->
                                send(connection, file).then(connection.next()).map(ByteBuffer::getLong)))
                .expectNext((long) bytes.length)
                .expectComplete()
                .verify(SOON);
        server.disposeNow();
        assertThat(copy).hasBinaryContent(bytes);
    }
}
