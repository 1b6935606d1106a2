package reactor.framing.netty;

import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.framing.FrameCodec;
import reactor.netty.channel.AbortedException;
import reactor.netty.tcp.TcpClient;

/** A conversation on a connection of its own, and how it ended. */
final class ClientConversation {

    private ClientConversation() {}

    static <T> Mono<T> result(
            TcpClient client,
            FrameCodec reading,
            FrameCodec writing,
            Function<? super FramedConnection, ? extends Mono<? extends T>> conversation) {
        return Mono.deferContextual(context -> {
            Sinks.One<T> result = Sinks.one();
            Disposable.Composite connection = Disposables.composite();
            connection.add(client.handle(FramedConnection.handler(
                            reading, writing, framed -> tell(Mono.defer(() -> conversation.apply(framed)), result)))
                    .connect()
                    .contextWrite(context)
                    .subscribe(connection::add, result::tryEmitError));
            return result.asMono().doOnCancel(connection::dispose);
        });
    }

    /** Whoever waits for the result is told the end; for the connection every end is in order. */
    private static <T> Publisher<Void> tell(Mono<? extends T> conversation, Sinks.One<T> result) {
        return conversation
                .doOnNext(result::tryEmitValue)
                .doOnSuccess(value -> result.tryEmitEmpty())
                .doOnCancel(() -> result.tryEmitError(new AbortedException("The connection has been closed")))
                .onErrorResume(failure -> {
                    result.tryEmitError(failure);
                    return Mono.empty();
                })
                .then();
    }
}
