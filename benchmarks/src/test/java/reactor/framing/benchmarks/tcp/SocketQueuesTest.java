package reactor.framing.benchmarks.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SocketQueuesTest {

    private static final String HEADER =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

    private static String row(String local, String remote, String state, String queues) {
        return "   0: " + local + " " + remote + " " + state + " " + queues
                + " 00:00000000 00000000  0  0 575 1 00fd 100";
    }

    @Test
    void bothEndsOfAConnection_whatIsSentAndWhatIsNotReadIsAdded() {
        List<String> table = List.of(
                HEADER,
                row("0100007F:1F90", "0100007F:C001", "01", "00000010:00000001"),
                row("0100007F:C001", "0100007F:1F90", "01", "00000002:00000100"),
                row("0100007F:1F91", "0100007F:C002", "01", "00001000:00001000"));
        assertThat(SocketQueues.bytesFrom(8080, table)).isEqualTo(0x110);
    }

    @Test
    void listening_isNoConnection() {
        List<String> table = List.of(HEADER, row("00000000:1F90", "00000000:0000", "0A", "00000000:00000005"));
        assertThat(SocketQueues.bytesFrom(8080, table)).isZero();
    }
}
