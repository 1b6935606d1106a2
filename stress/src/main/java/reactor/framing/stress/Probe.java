package reactor.framing.stress;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.framing.FrameCodec;
import reactor.framing.FrameTimeoutException;
import reactor.framing.format.LengthField;
import reactor.util.context.Context;

/**
 * Both ends of one subscription to an operator, and what went through it, as text: {@code ab|/c 1} are the frames "a"
 * and "b", a completion ({@code !} an error, {@code T} a frame timeout), "c" discarded, and one chunk requested.
 *
 * <p>Chunks are borrowed: they are overwritten when {@code onNext} has returned.
 */
final class Probe extends Flux<ByteBuffer> implements CoreSubscriber<Object>, Subscription {

    static final FrameCodec CODEC = FrameCodec.of(LengthField.ofSize(1));
    static final Duration TIMEOUT = Duration.ofSeconds(1);

    private final Context context = Operators.enableOnDiscard(Context.empty(), this::discarded);
    private final StringBuilder seen = new StringBuilder();
    private final StringBuilder discarded = new StringBuilder();
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicLong asked = new AtomicLong();
    private final AtomicInteger upstreamRequests = new AtomicInteger();
    private long frames;
    private CoreSubscriber<? super ByteBuffer> operator;
    private Subscription subscription;

    Probe(Function<? super Publisher<ByteBuffer>, ? extends Publisher<?>> operator) {
        Flux.<Object>from(operator.apply(this)).subscribe((CoreSubscriber<Object>) this);
    }

    /** The text of a frame: its letters. */
    static String text(Object frame) {
        if (frame instanceof ByteBuffer buffer) {
            StringBuilder text = new StringBuilder();
            for (int i = buffer.position(); i < buffer.limit(); i++) {
                byte value = buffer.get(i);
                if (value > 9 || value < 0) {
                    text.append((char) (value & 0xFF));
                }
            }
            return text.toString();
        }
        return frame.toString();
    }

    // ---- upstream

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuffer> actual) {
        operator = actual;
        actual.onSubscribe(this);
    }

    /** Sends a chunk, written with digits for bytes of that value, and overwrites it then. */
    void send(String chunk) {
        byte[] memory = bytes(chunk);
        operator.onNext(ByteBuffer.wrap(memory));
        Arrays.fill(memory, (byte) '#');
    }

    /** Sends a frame to be encoded, which nobody overwrites. */
    void frame(String frame) {
        operator.onNext(ByteBuffer.wrap(bytes(frame)));
    }

    static byte[] bytes(String text) {
        byte[] bytes = new byte[text.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = text.charAt(i);
            bytes[i] = (byte) (Character.isDigit(c) ? c - '0' : c);
        }
        return bytes;
    }

    void complete() {
        operator.onComplete();
    }

    void error() {
        operator.onError(new IllegalStateException("reset"));
    }

    @Override
    public void request(long n) {
        upstreamRequests.incrementAndGet();
    }

    @Override
    public void cancel() {}

    // ---- downstream

    void ask(long n) {
        asked.updateAndGet(before -> Operators.addCap(before, n));
        subscription.request(n);
    }

    void stop() {
        subscription.cancel();
    }

    @Override
    public Context currentContext() {
        return context;
    }

    @Override
    public void onSubscribe(Subscription s) {
        subscription = s;
    }

    @Override
    public void onNext(Object frame) {
        enter();
        if (++frames > asked.get()) {
            seen.append("<more than requested>");
        }
        seen.append(text(frame));
        inside.decrementAndGet();
    }

    @Override
    public void onError(Throwable t) {
        enter();
        seen.append(t instanceof FrameTimeoutException ? 'T' : '!');
        inside.decrementAndGet();
    }

    @Override
    public void onComplete() {
        enter();
        seen.append('|');
        inside.decrementAndGet();
    }

    private void enter() {
        if (inside.incrementAndGet() != 1) {
            seen.append("<two signals at once>");
        }
    }

    private synchronized void discarded(Object dropped) {
        discarded.append(text(dropped));
    }

    /** What was seen, and what was discarded, in the order of the alphabet. */
    String result() {
        char[] letters = discarded.toString().toCharArray();
        Arrays.sort(letters);
        return seen + "/" + new String(letters);
    }

    String resultAndRequests() {
        return result() + " " + upstreamRequests;
    }
}
