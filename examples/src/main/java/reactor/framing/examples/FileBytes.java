package reactor.framing.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.framing.FramePart;
import reactor.framing.netty.FramedConnection;

/**
 * Files as frames that need not fit into memory. Reading and writing files blocks, so it happens on threads for that.
 */
final class FileBytes {

    private static final int PIECE = 64 * 1024;

    private FileBytes() {}

    /** Sends a file as one frame. */
    static Mono<Void> send(FramedConnection connection, Path file, long length) {
        return connection.sendParts(length, read(file));
    }

    /** The bytes of a file, a piece whenever one is wanted. */
    static Flux<ByteBuffer> read(Path file) {
        return Flux.<ByteBuffer, FileChannel>generate(
                        () -> FileChannel.open(file),
                        (channel, pieces) -> {
                            try {
                                ByteBuffer piece = ByteBuffer.allocate(PIECE);
                                if (channel.read(piece) < 0) {
                                    pieces.complete();
                                } else {
                                    pieces.next(piece.flip());
                                }
                            } catch (ClosedByInterruptException cancelled) {
                                pieces.complete(); // for nobody: Reactor interrupts the thread of whoever is cancelled
                            } catch (IOException e) {
                                pieces.error(e);
                            }
                            return channel;
                        },
                        FileBytes::close)
                .subscribeOn(Schedulers.boundedElastic());
    }

    /**
     * Writes the next frame to a file, which appears when the frame is complete.
     *
     * @return the length of the file
     */
    static Mono<Long> store(FramedConnection connection, Path file) {
        // directly behind receiveParts(), so that no part of a next frame is asked for
        Flux<FramePart> parts = connection.receiveParts().takeUntil(FramePart::last);
        return Mono.using(
                        () -> Files.createTempFile(file.toAbsolutePath().getParent(), "incoming", ".part"),
                        incoming -> write(parts, incoming).doOnNext(length -> move(incoming, file)),
                        FileBytes::delete)
                .subscribeOn(Schedulers.boundedElastic());
    }

    private static Mono<Long> write(Flux<FramePart> parts, Path file) {
        return Mono.using(
                () -> FileChannel.open(file, StandardOpenOption.WRITE),
                // at most 16 parts wait to be written
                channel -> parts.publishOn(Schedulers.boundedElastic(), 16)
                        .map(part -> write(part, channel))
                        .last(),
                FileBytes::close);
    }

    /** How much of the frame has been written. */
    private static long write(FramePart part, FileChannel channel) {
        ByteBuffer content = part.content();
        long end = part.offset() + content.remaining();
        try {
            while (content.hasRemaining()) {
                channel.write(content);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return end;
    }

    private static void move(Path incoming, Path file) {
        try {
            Files.move(incoming, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
