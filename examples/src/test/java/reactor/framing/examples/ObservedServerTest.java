package reactor.framing.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ObservedServerTest {

    private static final Pattern LISTENING =
            Pattern.compile("listening on 127\\.0\\.0\\.1:(\\d+), metrics at (http://127\\.0\\.0\\.1:\\d+/metrics)");

    @Test
    void framesOnThePageAndInTheLog_butNoCardNumber() throws Exception {
        try (Program server = Program.java(ObservedServer.class, "--port", "0", "--page-port", "0", "--log", "on")) {
            Matcher listening = LISTENING.matcher(server.readLine());
            assertThat(listening.matches()).isTrue();
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(listening.group(1)))) {
                DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                DataInputStream in = new DataInputStream(socket.getInputStream());
                byte[] frame = "pay 4111111111111111 42".getBytes(StandardCharsets.US_ASCII);
                for (int i = 0; i < 3; i++) {
                    out.writeInt(frame.length);
                    out.write(frame);
                    assertThat(in.readInt()).isEqualTo(frame.length);
                    assertThat(in.readNBytes(frame.length)).isEqualTo(frame);
                }
            }

            String page = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(listening.group(2)))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
            assertThat(page)
                    .contains("reactor_framing_frames_received_total{name=\"payments\"} 3.0")
                    .contains("reactor_framing_data_received_bytes_total{name=\"payments\"} 81.0")
                    .contains("reactor_framing_frames_sent_total{name=\"payments\"} 3.0");

            StringBuilder log = new StringBuilder();
            server.readUntil(line -> {
                log.append(line).append('\n');
                return line.contains("sent frame 2");
            });
            log.append(server.readLine()).append(server.readLine());
            assertThat(log.toString())
                    .contains("received frame 0, 23 bytes")
                    .contains("|pay ************|")
                    .contains("|1111 42|")
                    .doesNotContain("41111");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "4111111111111111, ************1111",
        "id 123456789 x 411111111111, id 123456789 x ********1111",
        "12345678901 , 12345678901",
        "'', ''"
    })
    void mask_longRowsOfDigitsButTheLastFour(String text, String masked) {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));

        ObservedServer.maskCardNumbers(bytes);

        assertThat(new String(bytes.array(), StandardCharsets.US_ASCII)).isEqualTo(masked);
    }
}
