package reactor.framing;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.util.context.Context;

/** Throws on every frame, against the rules, and remembers what it is told of the end. */
final class ThrowingSubscriber implements CoreSubscriber<ByteBuffer> {

    final IllegalStateException bug = new IllegalStateException("bad subscriber");

    /** The error, or "complete". */
    final List<Object> ends = new ArrayList<>();

    private final boolean cancels;
    private final Context context;
    private @Nullable Subscription subscription;

    /** @param cancels whether it cancels before it throws */
    ThrowingSubscriber(boolean cancels, Context context) {
        this.cancels = cancels;
        this.context = context;
    }

    @Override
    public Context currentContext() {
        return context;
    }

    @Override
    public void onSubscribe(Subscription s) {
        subscription = s;
        s.request(9);
    }

    @Override
    public void onNext(ByteBuffer frame) {
        if (cancels) {
            subscription.cancel();
        }
        throw bug;
    }

    @Override
    public void onError(Throwable t) {
        ends.add(t);
    }

    @Override
    public void onComplete() {
        ends.add("complete");
    }
}
