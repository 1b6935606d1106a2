package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static reactor.framing.format.Preset.ascii;
import static reactor.framing.format.Preset.filled;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameCodec;
import reactor.framing.FrameWriter;

class GameProtocolsTest extends PresetsContract {

    @Override
    List<Preset> presets() {
        return List.of(minecraft(), rcon());
    }

    private static Preset minecraft() {
        String handshake = "00 2f 09" + ascii("localhdst") + "63dd 01";
        return Preset.of(Protocols.minecraft())
                .vector("ttaylorr/minecraft, protocol/connection_test.go: a handshake", "0f" + handshake, handshake)
                .vector("a status request behind it", "0f" + handshake + "01 00", handshake, "00")
                .readVector(
                        "lengths of three bytes, by the rule of ProtocolUtils.write21BitVarInt in PaperMC/Velocity",
                        "818000 00  8f8000" + handshake,
                        "00",
                        handshake)
                .corrupt("a length of 0", "00")
                .corrupt("a length of 0 in three bytes", "808000")
                .corrupt("a length of four bytes", "80808001")
                .bounds(1, 2_097_151, n -> filled(n))
                .verified(verifier -> verifier.lengths(1, 2_097_151).alphabet(0, 1, 0x80, 0x81));
    }

    @Test
    void minecraft_inPieces_noPacketIsEmpty() {
        FrameWriter writer = FrameCodec.of(Protocols.minecraft()).newWriter();
        ByteBuffer target = ByteBuffer.allocate(8);
        assertThatThrownBy(() -> writer.before(0, ByteBuffer.allocate(0), target))
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageStartingWith("Minecraft packet of 0 bytes is shorter than the 1 that it has at least");
        assertThat(target.position()).isZero();
        assertThat(writer.before(1, ByteBuffer.allocate(1), target)).isZero();
        assertThat(target.position()).isEqualTo(1);
    }

    private static Preset rcon() {
        String password = "00000000 03000000" + ascii("passwrd");
        String command = "00000000 02000000" + ascii("echo HLSW: Test");
        String answer = "00000000 00000000" + ascii("HLSW : Test \n");
        return Preset.of(Protocols.rcon())
                .vector(
                        "Valve Developer Community, Source RCON Protocol, the example packets: password, command",
                        "11000000" + password + "0000  19000000" + command + "0000",
                        password,
                        command)
                .vector(
                        "the same: an empty response, the authentication's, the command's",
                        "0a000000 00000000 00000000 0000  0a000000 00000000 02000000 0000  17000000" + answer + "0000",
                        "00000000 00000000",
                        "00000000 02000000",
                        answer)
                .corrupt("a size of 9", "09000000")
                .corrupt("no zeros", "0a000000 00000000 02000000 0001")
                .yields("a size of 4,097", "01100000", "error TooLong #0 @0 4095>4094")
                .bounds(8, 4094, n -> filled(n))
                .verified(verifier -> verifier.lengths(8, 4094).alphabet(0, 10, 1));
    }
}
