package reactor.framing.format;

import static reactor.framing.format.HeaderLength.needs;
import static reactor.framing.format.Presets.length;
import static reactor.framing.format.Presets.preset;

import java.nio.ByteBuffer;
import reactor.framing.CorruptFrameException;
import reactor.framing.Framing;
import reactor.framing.format.LengthField.Counts;

/** The presets of {@link Protocols} for games. */
final class GameProtocols {

    private static final int MINECRAFT_MAX = (1 << 21) - 1;

    /**
     * Other than {@link Varint}, what reads allows for a length of more bytes than it needs, which some servers write.
     */
    static final Framing MINECRAFT = new Presets.Named(
            "minecraft",
            HeaderLength.ofSize(1, GameProtocols::minecraftLength).stripHeader(),
            new Presets.Bounded("Minecraft packet", Varint.leb128().maxBytes(3), 1, MINECRAFT_MAX));

    static final Framing RCON = preset(
            "rcon",
            LengthField.ofSize(4)
                    .littleEndian()
                    .counts(Counts.AFTER_LENGTH)
                    .endMark((byte) 0, (byte) 0)
                    .checkHeader(length(
                            "RCON packet",
                            header -> (Integer.reverseBytes(header.getInt(0)) & 0xFFFFFFFFL) - 2,
                            8,
                            4096 - 2)));

    private GameProtocols() {}

    private static long minecraftLength(ByteBuffer header) {
        int size = header.limit();
        if (header.get(size - 1) < 0) {
            if (size == 3) {
                throw new CorruptFrameException("the length of a Minecraft packet has more than 3 bytes");
            }
            return needs(size + 1);
        }
        int length = 0;
        for (int i = 0; i < size; i++) {
            length |= (header.get(i) & 0x7F) << 7 * i;
        }
        Presets.checkLength("Minecraft packet", length, 1, MINECRAFT_MAX);
        return size + length;
    }
}
