package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DelimiterBasedFrameDecoder;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.protobuf.ProtobufVarint32FrameDecoder;
import io.netty.handler.codec.protobuf.ProtobufVarint32LengthFieldPrepender;
import io.netty.handler.codec.string.LineEncoder;
import io.netty.handler.codec.string.LineSeparator;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.Framing;
import reactor.framing.TestBytes;
import reactor.framing.format.LengthField.Counts;

/** What is written here is read by Netty's decoders, and what Netty's encoders write is read here. */
class NettyOracleTest {

    private static final int MAX = 100_000;
    private static final List<byte[]> FRAMES = frames(0, 1, 2, 0, 77, 127, 128, 129, 300, 16383, 16384, 70_000, 5);

    @Test
    void lines() {
        assertReadByNetty(new LineBasedFrameDecoder(MAX), Delimiter.lines(), FRAMES);
        assertReadHere(new LineEncoder(LineSeparator.UNIX, StandardCharsets.UTF_8), Delimiter.lines());
        assertReadHere(new LineEncoder(LineSeparator.WINDOWS, StandardCharsets.UTF_8), Delimiter.lines());
    }

    @Test
    void delimiters() {
        ByteBuf delimiter = Unpooled.copiedBuffer("#;", StandardCharsets.US_ASCII);
        assertReadByNetty(new DelimiterBasedFrameDecoder(MAX, delimiter), Delimiter.of("#;"), FRAMES);
    }

    @Test
    void delimitersKept() {
        ByteBuf delimiter = Unpooled.copiedBuffer("#", StandardCharsets.US_ASCII);
        List<byte[]> frames = FRAMES.stream()
                .map(frame -> ByteBuffer.allocate(frame.length + 1)
                        .put(frame)
                        .put((byte) '#')
                        .array())
                .toList();
        assertReadByNetty(
                new DelimiterBasedFrameDecoder(MAX, false, delimiter),
                Delimiter.of("#").keepDelimiter(),
                frames);
    }

    @Test
    void fixedLength() {
        assertReadByNetty(new FixedLengthFrameDecoder(77), FixedLength.of(77), frames(77, 77, 77));
    }

    @Test
    void varint() {
        assertReadByNetty(new ProtobufVarint32FrameDecoder(), Varint.leb128(), FRAMES);
        assertReadHere(new ProtobufVarint32LengthFieldPrepender(), Varint.leb128());
        assertReadHere(
                new ProtobufVarint32LengthFieldPrepender(), Varint.leb128().maxBytes(5));
    }

    @Test
    void lengthField() {
        for (int size : new int[] {3, 4, 8}) {
            assertReadByNetty(
                    new LengthFieldBasedFrameDecoder(MAX, 0, size, 0, size), LengthField.ofSize(size), FRAMES);
            assertReadByNetty(
                    new LengthFieldBasedFrameDecoder(ByteOrder.LITTLE_ENDIAN, MAX, 0, size, 0, size, true),
                    LengthField.ofSize(size).littleEndian(),
                    FRAMES);
            assertReadByNetty(
                    new LengthFieldBasedFrameDecoder(MAX, 0, size, -size, size),
                    LengthField.ofSize(size).counts(Counts.WHOLE_FRAME),
                    FRAMES);
            assertReadByNetty(
                    new LengthFieldBasedFrameDecoder(MAX, 2, size, -3, 2 + size),
                    LengthField.ofSize(size).marker((byte) 1, (byte) 2).adjustment(-3),
                    frames(0, 1, 2, 300));
            assertReadHere(new LengthFieldPrepender(size), LengthField.ofSize(size));
            assertReadHere(
                    new LengthFieldPrepender(size, true),
                    LengthField.ofSize(size).counts(Counts.WHOLE_FRAME));
            assertReadHere(
                    new LengthFieldPrepender(ByteOrder.LITTLE_ENDIAN, size, 3, false),
                    LengthField.ofSize(size).littleEndian().adjustment(-3));
        }
    }

    /** Letters only, which every format can carry. */
    private static List<byte[]> frames(int... lengths) {
        Random random = new Random(5);
        List<byte[]> frames = new ArrayList<>();
        for (int length : lengths) {
            byte[] frame = new byte[length];
            for (int i = 0; i < length; i++) {
                frame[i] = (byte) ('a' + random.nextInt(26));
            }
            frames.add(frame);
        }
        return frames;
    }

    private static void assertReadByNetty(ChannelHandler decoder, Framing format, List<byte[]> frames) {
        EmbeddedChannel channel = new EmbeddedChannel(decoder);
        FrameCodec.of(format)
                .encode(Flux.fromIterable(frames).map(ByteBuffer::wrap))
                .toStream()
                .forEach(wire -> channel.writeInbound(Unpooled.wrappedBuffer(wire)));
        List<byte[]> read = new ArrayList<>();
        for (ByteBuf frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
            read.add(bytes(frame));
        }
        channel.finishAndReleaseAll();
        assertThat(read).as("%s", format).containsExactlyElementsOf(frames);
    }

    private static void assertReadHere(ChannelHandler encoder, Framing format) {
        EmbeddedChannel channel = new EmbeddedChannel(encoder);
        for (byte[] frame : FRAMES) {
            channel.writeOutbound(
                    encoder instanceof LineEncoder
                            ? new String(frame, StandardCharsets.US_ASCII)
                            : Unpooled.wrappedBuffer(frame));
        }
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        for (ByteBuf bytes = channel.readOutbound(); bytes != null; bytes = channel.readOutbound()) {
            wire.writeBytes(bytes(bytes));
        }
        channel.finishAndReleaseAll();
        List<byte[]> read = FrameCodec.of(format)
                .decode(Flux.just(ByteBuffer.wrap(wire.toByteArray())))
                .map(TestBytes::bytes)
                .collectList()
                .block();
        assertThat(read).as("%s", format).containsExactlyElementsOf(FRAMES);
    }

    private static byte[] bytes(ByteBuf buffer) {
        byte[] bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes);
        buffer.release();
        return bytes;
    }

    @Test
    void lengthFieldWithNettysNumbers_readsTheSameFrames() {
        Random random = new Random(7);
        for (int round = 0; round < 500; round++) {
            int size = List.of(1, 2, 3, 4, 8).get(random.nextInt(5));
            int offset = random.nextInt(4);
            int header = offset + size;
            int adjustment = random.nextInt(9) - 4;
            int strip = random.nextInt(header + 2);
            ByteBuffer wire = ByteBuffer.allocate(1000);
            for (int frame = 0; frame < 5; frame++) {
                int length = header + 6 + random.nextInt(60);
                byte[] bytes = new byte[length];
                random.nextBytes(bytes);
                long field = length - header - adjustment;
                for (int i = 0; i < size; i++) {
                    bytes[offset + i] = (byte) (field >>> 8 * (size - 1 - i));
                }
                wire.put(bytes);
            }
            wire.flip();
            EmbeddedChannel netty =
                    new EmbeddedChannel(new LengthFieldBasedFrameDecoder(MAX, offset, size, adjustment, strip));
            netty.writeInbound(Unpooled.copiedBuffer(wire));
            List<ByteBuffer> expected = new ArrayList<>();
            for (ByteBuf frame = netty.readInbound(); frame != null; frame = netty.readInbound()) {
                expected.add(ByteBuffer.wrap(ByteBufUtil.getBytes(frame)));
                frame.release();
            }
            netty.finishAndReleaseAll();

            Framing framing = LengthField.ofSize(size)
                    .before(offset)
                    .counts(Counts.AFTER_LENGTH)
                    .adjustment(adjustment)
                    .strip(strip);
            assertThat(FrameCodec.of(framing)
                            .decode(Flux.just(wire))
                            .collectList()
                            .block())
                    .hasSize(5)
                    .isEqualTo(expected);
        }
    }
}
