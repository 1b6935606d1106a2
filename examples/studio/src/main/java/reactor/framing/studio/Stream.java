package reactor.framing.studio;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.FramingException;
import reactor.framing.studio.Formats.Built;

/** Makes the bytes that arrive: the messages as the real encoder writes them, and then what goes wrong on the way. */
final class Stream {

    private Stream() {}

    static byte[] of(Scenario scenario, Built sender) {
        Scenario.Input input = scenario.input();
        byte[] stream = input.wire() != null
                ? Bytes.parseHex("the stream", input.wire(), Scenario.MAX_STREAM)
                : encoded(input.messages(), sender);
        if (stream.length > Scenario.MAX_STREAM) {
            throw new BadRequest("the stream has " + stream.length + " bytes, more than " + Scenario.MAX_STREAM);
        }
        for (Scenario.Damage damage : scenario.faults().damage()) {
            if (damage.at() < stream.length) {
                stream[damage.at()] = (byte) damage.value();
            }
        }
        return Arrays.copyOf(
                stream, Math.max(0, stream.length - scenario.faults().cutEnd()));
    }

    private static byte[] encoded(List<Scenario.Message> messages, Built sender) {
        List<ByteBuffer> frames = new ArrayList<>();
        for (Scenario.Message message : messages) {
            frames.add(ByteBuffer.wrap(message.bytes(frames.size() + 1)));
        }
        try {
            List<byte[]> parts = Flux.fromIterable(frames)
                    .transform(FrameCodec.of(sender.framing())::encode)
                    .map(Bytes::of)
                    .collectList()
                    .block();
            return Bytes.concat(parts);
        } catch (UnsupportedOperationException | FramingException e) {
            throw new BadRequest("these messages cannot be encoded: " + e.getMessage());
        }
    }
}
