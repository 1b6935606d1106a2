package reactor.framing.guide;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DelimiterBasedFrameDecoder;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import io.netty.handler.codec.LineBasedFrameDecoder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.Framing;
import reactor.framing.format.Delimiter;
import reactor.framing.format.FixedLength;
import reactor.framing.format.LengthField;
import reactor.framing.format.LengthField.Counts;

/** What docs/migrating.md says is the same, is. */
class MigratingGuideTest {

    private static final HexFormat HEX = HexFormat.ofDelimiter(" ");

    private static List<String> byNetty(String wire, ChannelHandler decoder) {
        EmbeddedChannel channel = new EmbeddedChannel(decoder);
        channel.writeInbound(Unpooled.wrappedBuffer(HEX.parseHex(wire)));
        List<String> frames = new ArrayList<>();
        for (ByteBuf frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
            byte[] bytes = new byte[frame.readableBytes()];
            frame.readBytes(bytes).release();
            frames.add(HEX.formatHex(bytes));
        }
        channel.finishAndReleaseAll();
        return frames;
    }

    private static List<String> here(String wire, Framing framing) {
        return FrameCodec.of(framing)
                .decode(Flux.just(ByteBuffer.wrap(HEX.parseHex(wire))))
                .map(frame -> HEX.formatHex(frame.array()))
                .collectList()
                .block();
    }

    // tag::lengths[]
    static Framing like(int lengthFieldOffset, int lengthFieldLength, int lengthAdjustment, int initialBytesToStrip) {
        return LengthField.ofSize(lengthFieldLength)
                .before(lengthFieldOffset)
                .counts(Counts.AFTER_LENGTH)
                .adjustment(lengthAdjustment)
                .strip(initialBytesToStrip);
    }
    // end::lengths[]

    @Test
    void lengthFields_areReadAlike() {
        String wire = "00 03 61 62 63 00 00 00 01 64";
        assertThat(here(wire, like(0, 2, 0, 2)))
                .isEqualTo(byNetty(wire, new LengthFieldBasedFrameDecoder(1000, 0, 2, 0, 2)))
                .containsExactly("61 62 63", "", "64");
        assertThat(here(wire, like(0, 2, 0, 0)))
                .isEqualTo(byNetty(wire, new LengthFieldBasedFrameDecoder(1000, 0, 2, 0, 0)));

        String whole = "07 00 06 80 68 69";
        assertThat(here(whole, like(1, 2, -3, 3)))
                .isEqualTo(byNetty(whole, new LengthFieldBasedFrameDecoder(1000, 1, 2, -3, 3)))
                .containsExactly("80 68 69");

        String behind = "00 02 ca 68 69";
        assertThat(here(behind, like(0, 2, 1, 3)))
                .isEqualTo(byNetty(behind, new LengthFieldBasedFrameDecoder(1000, 0, 2, 1, 3)))
                .containsExactly("68 69");
    }

    @Test
    void othersAreReadAlike() {
        String lines = "68 69 0a 70 0d 0a";
        assertThat(here(lines, Delimiter.lines()))
                .isEqualTo(byNetty(lines, new LineBasedFrameDecoder(1000)))
                .containsExactly("68 69", "70");
        assertThat(here(lines, FixedLength.of(3)))
                .isEqualTo(byNetty(lines, new FixedLengthFrameDecoder(3)))
                .containsExactly("68 69 0a", "70 0d 0a");
        String parts = "68 69 7c 70 7c";
        assertThat(here(parts, Delimiter.of("|")))
                .isEqualTo(
                        byNetty(parts, new DelimiterBasedFrameDecoder(1000, Unpooled.wrappedBuffer(new byte[] {'|'}))))
                .containsExactly("68 69", "70");
    }

    @Test
    void prepender_writesAlike() {
        EmbeddedChannel channel = new EmbeddedChannel(new LengthFieldPrepender(4));
        channel.writeOutbound(Unpooled.wrappedBuffer(HEX.parseHex("68 69")));
        ByteBuf written = Unpooled.buffer();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            written.writeBytes(part);
            part.release();
        }
        byte[] netty = new byte[written.readableBytes()];
        written.readBytes(netty);
        channel.finishAndReleaseAll();

        assertThat(FrameCodec.of(LengthField.ofSize(4))
                        .encode(Flux.just(ByteBuffer.wrap(HEX.parseHex("68 69"))))
                        .blockFirst())
                .isEqualTo(ByteBuffer.wrap(netty));
    }
}
