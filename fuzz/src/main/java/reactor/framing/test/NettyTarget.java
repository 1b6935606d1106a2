package reactor.framing.test;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DelimiterBasedFrameDecoder;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.protobuf.ProtobufVarint32FrameDecoder;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import reactor.framing.Framing;
import reactor.framing.format.Delimiter;
import reactor.framing.format.FixedLength;
import reactor.framing.format.LengthField;
import reactor.framing.format.Varint;

/**
 * The same bytes to a decoder of Netty and to ours: the same frames, up to the first fault of either. Netty gets
 * them in one
 * piece, as it has been seen to depend on the split.
 */
public final class NettyTarget {

    private static final int MAX = 1 << 20;

    private record Pair(Framing ours, ChannelHandler nettys) {}

    private NettyTarget() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        Data data = new Data(input);
        Pair pair;
        try {
            pair = pair(data);
        } catch (IllegalArgumentException notTogether) {
            return;
        }
        Manner manner = DecodeTarget.manner(data);
        int[] distances = data.distances();
        byte[] stream = data.rest();
        int[] cuts = Data.cuts(distances, stream.length);
        Runner runner = new Runner(pair.ours, codec -> codec.maxFrameLength(MAX), false, new Progress());

        List<Event> ours = runner.run(stream, cuts, manner);
        List<Event> nettys = new ArrayList<>();
        boolean nettyFailed = readByNetty(pair.nettys, stream, nettys);
        Event end = ours.get(ours.size() - 1);
        List<Event> frames = ours.stream().filter(Event::isFrame).toList();

        int common = Math.min(frames.size(), nettys.size());
        boolean same = frames.subList(0, common).equals(nettys.subList(0, common))
                && (frames.size() == common || nettyFailed)
                && (nettys.size() == common || end.isError("Corrupt") || end.isError("TooLong"));
        DecodeTarget.require(same, "Netty reads something else", runner, stream, cuts, manner, ours, nettys);
    }

    private static Pair pair(Data data) {
        switch (data.below(5)) {
            case 0:
                int size = new int[] {1, 2, 3, 4, 8}[data.below(5)];
                int before = data.below(4);
                int adjustment = data.below(16) - 8;
                int strip = data.below(before + size + 2);
                boolean littleEndian = data.flag();
                LengthField ours = LengthField.ofSize(size)
                        .before(before)
                        .counts(LengthField.Counts.AFTER_LENGTH)
                        .adjustment(adjustment)
                        .strip(strip);
                return new Pair(
                        littleEndian ? ours.littleEndian() : ours,
                        new LengthFieldBasedFrameDecoder(
                                littleEndian ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN,
                                MAX,
                                before,
                                size,
                                adjustment,
                                strip,
                                true));
            case 1:
                return new Pair(Varint.leb128().maxBytes(5), new ProtobufVarint32FrameDecoder());
            case 2:
                byte[] delimiter = data.bytes(1 + data.below(3));
                boolean keep = data.flag();
                Delimiter delimited = Delimiter.of(delimiter);
                return new Pair(
                        keep ? delimited.keepDelimiter() : delimited,
                        new DelimiterBasedFrameDecoder(MAX, !keep, Unpooled.wrappedBuffer(delimiter)));
            case 3:
                return new Pair(Delimiter.of("\n", "\r\n"), new LineBasedFrameDecoder(MAX));
            default:
                int length = 1 + data.below(30);
                return new Pair(FixedLength.of(length), new FixedLengthFrameDecoder(length));
        }
    }

    /** Returns whether Netty found a fault. */
    private static boolean readByNetty(ChannelHandler decoder, byte[] stream, List<Event> frames) {
        EmbeddedChannel channel = new EmbeddedChannel(decoder);
        boolean failed = false;
        try {
            channel.writeInbound(Unpooled.wrappedBuffer(Arrays.copyOf(stream, stream.length)));
        } catch (RuntimeException e) {
            failed = true;
        }
        for (ByteBuf frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
            frames.add(Event.frame(ByteBufUtil.getBytes(frame)));
            frame.release();
        }
        try {
            channel.finishAndReleaseAll();
        } catch (RuntimeException e) {
            failed = true;
        }
        return failed;
    }
}
