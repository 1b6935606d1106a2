package reactor.framing.benchmarks.memory;

import com.typesafe.config.ConfigFactory;
import java.nio.ByteOrder;
import java.util.List;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Framing;
import org.apache.pekko.stream.javadsl.FramingTruncation;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/** Pekko Streams' framing, for what it has one. The stream runs in one actor, the caller waits for its end. */
final class PekkoFraming implements Run {

    private final ActorSystem system = ActorSystem.create(
            "benchmark",
            ConfigFactory.parseString("pekko { loglevel = WARNING, daemonic = on }")
                    .withFallback(ConfigFactory.load(PekkoFraming.class.getClassLoader())),
            PekkoFraming.class.getClassLoader());
    private final Source<ByteString, NotUsed> decoded;
    private final Frames frames;

    PekkoFraming(Stream stream, Frames frames) {
        List<ByteString> chunks =
                stream.arrays().stream().map(ByteString::fromArrayUnsafe).toList();
        decoded = Source.from(chunks).via(framing(stream));
        this.frames = frames;
    }

    @Override
    public void run() {
        decoded.runForeach(frames::accept, system).toCompletableFuture().join();
    }

    private static Flow<ByteString, ByteString, NotUsed> framing(Stream stream) {
        return switch (stream.format()) {
            case PREFIX ->
                Framing.lengthField(4, 0, stream.longest() + 4, ByteOrder.BIG_ENDIAN)
                        .map(frame -> frame.drop(4));
            case LINES -> Framing.delimiter(ByteString.fromString("\n"), stream.longest(), FramingTruncation.DISALLOW);
            case VARINT, FIXED ->
                throw new UnsupportedOperationException("Pekko has no framing for " + stream.format());
        };
    }
}
