package reactor.framing.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Description;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Operators;
import reactor.framing.netty.FramedConnection;
import reactor.netty.Connection;
import reactor.util.context.Context;

/**
 * A connection's {@code send}, with a real event loop between a source on one thread and a caller on another. What is
 * not listed as an outcome is forbidden: a frame that is lost, doubled or cut, and one that is neither sent nor
 * discarded.
 *
 * <p>An outcome is what came to the peer, the end that the caller was told, and what was discarded: {@code ab|/}.
 */
public class SendStress {

    static {
        Hooks.onErrorDropped(error -> {}); // that of a source whose caller has been told of the close
    }

    private SendStress() {}

    /** A channel inside this JVM whose other end keeps what comes. */
    private static final class Wire {

        private static final Map<SocketAddress, StringBuilder> RECEIVED = new ConcurrentHashMap<>();
        private static final EventLoopGroup LOOP = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("stress", true), LocalIoHandler.newFactory());
        private static final Channel SERVER = new ServerBootstrap()
                .group(LOOP)
                .channel(LocalServerChannel.class)
                .childHandler(new Peer())
                .bind(new LocalAddress("stress"))
                .syncUninterruptibly()
                .channel();

        private final Channel channel = new Bootstrap()
                .group(LOOP)
                .channel(LocalChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(SERVER.localAddress())
                .syncUninterruptibly()
                .channel();
        private final StringBuilder received =
                RECEIVED.computeIfAbsent(channel.localAddress(), address -> new StringBuilder());
        private final FramedConnection connection = FramedConnection.of(Connection.from(channel), Probe.CODEC);

        Wire() {
            settle();
        }

        @Sharable
        private static final class Peer extends ChannelInboundHandlerAdapter {

            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                ByteBuf bytes = (ByteBuf) message;
                RECEIVED.computeIfAbsent(context.channel().remoteAddress(), address -> new StringBuilder())
                        .append(Probe.text(bytes.nioBuffer()));
                bytes.release();
            }

            @Override
            public void channelInactive(ChannelHandlerContext context) {
                RECEIVED.remove(context.channel().remoteAddress());
            }
        }

        /** Waits until the event loop has done what it has been told, and what came of that. */
        static void settle() {
            for (int i = 0; i < 4; i++) {
                CountDownLatch passed = new CountDownLatch(1);
                LOOP.execute(passed::countDown);
                try {
                    passed.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    /** A source that a test drives, and the caller of its send. */
    private static final class Sending extends Flux<ByteBuffer> implements CoreSubscriber<Void>, Subscription {

        private final Context context = Operators.enableOnDiscard(Context.empty(), this::discarded);
        private final StringBuffer ends = new StringBuffer();
        private final StringBuffer discarded = new StringBuffer();
        private CoreSubscriber<? super ByteBuffer> operator;
        private Subscription subscription;

        Sending(Wire wire) {
            wire.connection.send(this).subscribe(this);
            Wire.settle(); // has requested the first frame
        }

        @Override
        public void subscribe(CoreSubscriber<? super ByteBuffer> actual) {
            operator = actual;
            actual.onSubscribe(this);
        }

        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}

        void frame(String frame) {
            operator.onNext(ByteBuffer.wrap(Probe.bytes(frame)));
        }

        @Override
        public Context currentContext() {
            return context;
        }

        @Override
        public void onSubscribe(Subscription s) {
            subscription = s;
            s.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(Void nothing) {}

        @Override
        public void onError(Throwable t) {
            ends.append('!');
        }

        @Override
        public void onComplete() {
            ends.append('|');
        }

        private void discarded(Object frame) {
            discarded.append(Probe.text(frame));
        }
    }

    private static String result(Wire wire, Sending sending) {
        Wire.settle();
        String received = wire.received.toString();
        wire.channel.close().syncUninterruptibly();
        return received + sending.ends + "/" + sending.discarded;
    }

    @JCStressTest
    @Description("A frame comes from the source while the caller cancels.")
    @Outcome(id = "a/", expect = ACCEPTABLE, desc = "the frame was written before the cancel")
    @Outcome(id = "/a", expect = ACCEPTABLE, desc = "the cancel was first, and the frame discarded")
    @State
    public static class NextCancel {

        private final Wire wire = new Wire();
        private final Sending sending = new Sending(wire);

        @Actor
        public void actor1() {
            sending.frame("a");
        }

        @Actor
        public void actor2() {
            sending.subscription.cancel();
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = result(wire, sending);
        }
    }

    @JCStressTest
    @Description("The last frame and the end come from the source while the caller cancels.")
    @Outcome(id = "a/", expect = ACCEPTABLE, desc = "the frame was written, the end not told")
    @Outcome(id = "a[|]/", expect = ACCEPTABLE, desc = "the frame was written and the end told")
    @Outcome(id = "/a", expect = ACCEPTABLE, desc = "the cancel was first, and the frame discarded")
    @State
    public static class NextCompleteCancel {

        private final Wire wire = new Wire();
        private final Sending sending = new Sending(wire);

        @Actor
        public void actor1() {
            sending.frame("a");
            sending.operator.onComplete();
        }

        @Actor
        public void actor2() {
            sending.subscription.cancel();
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = result(wire, sending);
        }
    }

    @JCStressTest
    @Description("The last frame and an error come from the source while the connection is closed.")
    @Outcome(id = "a!/", expect = ACCEPTABLE, desc = "the frame was written; the error of the source, or of the close")
    @Outcome(id = "!/a", expect = ACCEPTABLE, desc = "the close was first, and the frame discarded")
    @Outcome(id = "!/", expect = ACCEPTABLE, desc = "the frame was in the channel's buffer, which the close emptied")
    @State
    public static class NextErrorClose {

        private final Wire wire = new Wire();
        private final Sending sending = new Sending(wire);

        @Actor
        public void actor1() {
            sending.frame("a");
            sending.operator.onError(new IllegalStateException("no more"));
        }

        @Actor
        public void actor2() {
            wire.channel.close();
        }

        @Arbiter
        public void arbiter(L_Result result) {
            result.r1 = result(wire, sending);
        }
    }

    @JCStressTest
    @Description("Two sends from two threads.")
    @Outcome(id = "ab[|][|]/", expect = ACCEPTABLE, desc = "one frame behind the other")
    @Outcome(id = "ba[|][|]/", expect = ACCEPTABLE, desc = "one frame behind the other")
    @State
    public static class SendSend {

        private final Wire wire = new Wire();
        private final Sending one = new Sending(wire);
        private final Sending other = new Sending(wire);

        @Actor
        public void actor1() {
            one.frame("a");
            one.operator.onComplete();
        }

        @Actor
        public void actor2() {
            other.frame("b");
            other.operator.onComplete();
        }

        @Arbiter
        public void arbiter(L_Result result) {
            Wire.settle();
            result.r1 = wire.received + one.ends.toString() + other.ends + "/" + one.discarded + other.discarded;
            wire.channel.close().syncUninterruptibly();
        }
    }

    @JCStressTest
    @Description("A send begins while the output is shut.")
    @Outcome(id = "a[|]/[|]", expect = ACCEPTABLE, desc = "the send was first, and the output was shut behind it")
    @Outcome(id = "!/[|]", expect = ACCEPTABLE, desc = "the send was refused")
    @State
    public static class SendShutdown {

        private final Wire wire = new Wire();
        private final StringBuffer send = new StringBuffer();
        private final StringBuffer shutdown = new StringBuffer();

        @Actor
        public void actor1() {
            wire.connection
                    .send(Flux.just(ByteBuffer.wrap(new byte[] {'a'})))
                    .subscribe(nothing -> {}, error -> send.append('!'), () -> send.append('|'));
        }

        @Actor
        public void actor2() {
            // a local channel cannot be half-closed: when the sends have ended, its attempt fails
            wire.connection
                    .shutdownOutput()
                    .subscribe(nothing -> {}, error -> shutdown.append('|'), () -> shutdown.append('|'));
        }

        @Arbiter
        public void arbiter(L_Result result) {
            Wire.settle();
            result.r1 = wire.received + send.toString() + "/" + shutdown;
            wire.channel.close().syncUninterruptibly();
        }
    }
}
