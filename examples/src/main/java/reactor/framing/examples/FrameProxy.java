package reactor.framing.examples;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.function.BiFunction;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.framing.FrameCodec;
import reactor.framing.netty.FramedConnection;
import reactor.netty.DisposableServer;
import reactor.netty.NettyInbound;
import reactor.netty.NettyOutbound;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;

/**
 * Stands before a server and passes frames on, both ways, without copying the bytes of a frame that lies in one read.
 * Each frame is seen whole: here is where a proxy would count, filter, route or log. With {@code --framing bytes} it
 * passes on chunks as they come, on plain Reactor Netty, to compare with.
 */
public final class FrameProxy {

    private static final String USAGE = """
            usage: FrameProxy --target PORT [--port 7000] [--framing NAME] [--max-frame-length N]
                              [--log N]
              --target            the port on 127.0.0.1 of the server that the frames go to
              --host              the loopback address to listen on
              --port              the port, 0 for a free one
              --framing           the protocol, or bytes for none:
                                  %s
              --max-frame-length  in bytes; 256 MiB unless given
              --log               prints each frame: direction, length, so many of its first bytes""";

    private static final int MAX_FRAME_LENGTH = 256 << 20;

    private FrameProxy() {}

    /**
     * Runs the proxy until it is killed.
     *
     * @param args see the usage
     */
    public static void main(String[] args) {
        Options options = Options.parse(USAGE.formatted(ProxiedProtocol.names()), args);
        DisposableServer server = TcpServer.create()
                .host(options.host())
                .port(options.port())
                .handle(handler(options))
                .bindNow();
        System.out.printf(
                "listening on %s:%d, framing %s%n", server.host(), server.port(), options.text("--framing", "length4"));
        server.onDispose().block();
    }

    private static BiFunction<NettyInbound, NettyOutbound, Publisher<Void>> handler(Options options) {
        // not pooled: a connection there is as long as its client's here
        options.required("--target");
        TcpClient target = TcpClient.newConnection().host("127.0.0.1").port(options.number("--target", 0, 1, 65_535));
        String name = options.text("--framing", "length4");
        int maxFrameLength = options.number("--max-frame-length", MAX_FRAME_LENGTH, 1, Integer.MAX_VALUE);
        int logged = options.number("--log", -1, 0, 1024);
        return name.equals("bytes") ? bytes(target) : frames(target, protocol(options, name), maxFrameLength, logged);
    }

    private static ProxiedProtocol protocol(Options options, String name) {
        ProxiedProtocol protocol = ProxiedProtocol.named(name);
        if (protocol == null) {
            throw options.refuse("--framing must be bytes or one of " + ProxiedProtocol.names() + ", was " + name);
        }
        return protocol;
    }

    private static BiFunction<NettyInbound, NettyOutbound, Publisher<Void>> frames(
            TcpClient target, ProxiedProtocol protocol, int maxFrameLength, int logged) {
        FrameCodec requests = FrameCodec.of(protocol.requests()).maxFrameLength(maxFrameLength);
        FrameCodec answers = FrameCodec.of(protocol.answers()).maxFrameLength(maxFrameLength);
        return FramedConnection.handler(
                requests,
                answers,
                client -> FramedConnection.connect(
                        target,
                        answers,
                        requests,
                        server -> protocol.opening(client, server)
                                .then(Mono.when(
                                        forward(log(client.receiveBuffers(), ">", logged), server),
                                        forward(log(server.receiveBuffers(), "<", logged), client)))));
    }

    /** Up to the end of what one side sends, which is then told to the other. */
    private static Mono<Void> forward(Flux<ByteBuf> frames, FramedConnection to) {
        return to.sendBuffers(frames)
                .doOnDiscard(ByteBuf.class, ByteBuf::release)
                .then(to.shutdownOutput());
    }

    private static Flux<ByteBuf> log(Flux<ByteBuf> frames, String direction, int bytes) {
        return bytes < 0
                ? frames
                : frames.doOnNext(frame -> System.out.printf(
                        "%s %d %s%n",
                        direction,
                        frame.readableBytes(),
                        ByteBufUtil.hexDump(frame, frame.readerIndex(), Math.min(bytes, frame.readableBytes()))));
    }

    private static BiFunction<NettyInbound, NettyOutbound, Publisher<Void>> bytes(TcpClient target) {
        return (in, out) -> Mono.usingWhen(
                target.connect(),
                server -> Mono.firstWithSignal(
                        server.outbound().send(in.receive().retain()).then(),
                        out.send(server.inbound().receive().retain()).then()),
                server -> Mono.fromRunnable(server::dispose));
    }
}
