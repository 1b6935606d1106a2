package reactor.framing.studio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the server answers to requests as they are on the wire, among them those that a browser would not send. */
@Timeout(60)
class StudioServerTest {

    private static StudioServer server;

    @BeforeAll
    static void start() {
        server = StudioServer.start(0);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String send(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.getOutputStream()
                    .write(request.replace("PORT", "" + server.port()).getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String get(String path) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\n\r\n");
    }

    private static String post(String path, String headers, String body) throws IOException {
        int length = body.getBytes(StandardCharsets.UTF_8).length;
        return send("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\nContent-Length: "
                + length + "\r\n" + headers + "\r\n" + body);
    }

    private static String postJson(String path, String body) throws IOException {
        return post(path, "Content-Type: application/json\r\n", body);
    }

    @ParameterizedTest
    @CsvSource({
        "/, text/html; charset=utf-8",
        "/studio.css, text/css; charset=utf-8",
        "/main.js, text/javascript; charset=utf-8",
        "/icon.svg, image/svg+xml",
        "/lessons.json, application/json",
        "/api/catalogue, application/json"
    })
    void page_isServedWithAPolicyThatAllowsNothingFromElsewhere(String path, String type) throws IOException {
        assertThat(get(path))
                .startsWith("HTTP/1.1 200 OK")
                .containsIgnoringCase("content-type: " + type)
                .contains(
                        "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
                                + "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
                                + "frame-ancestors 'none'",
                        "X-Content-Type-Options: nosniff");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/nothing",
                "/../Studio.class",
                "/page/index.html",
                "/%2e%2e/Studio.class",
                "/Studio.class",
                "//",
                "/index.html/.",
                "/api/run"
            })
    void whatIsNoPage_isNotFound(String path) throws IOException {
        assertThat(get(path)).startsWith("HTTP/1.1 404 ").doesNotContain(path.substring(1) + "<");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"evil.example:PORT", "127.0.0.1", "127.0.0.1:1", "localhost", "127.0.0.1.evil.example:PORT", ""})
    void otherHostName_isRefused(String host) throws IOException {
        for (String path : new String[] {"/", "/api/catalogue"}) {
            assertThat(send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 403 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:PORT", "127.0.0.1:PORT", "[::1]:PORT"})
    void ownHostName_isServed(String host) throws IOException {
        assertThat(send("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://evil.example", "null", "https://127.0.0.1:PORT", "http://localhost:1"})
    void pageOfSomebodyElse_isRefused(String origin) throws IOException {
        assertThat(post(
                        "/api/run",
                        "Content-Type: application/json\r\nOrigin: " + origin + "\r\n",
                        "{\"framing\":{\"kind\":\"lines\"}}"))
                .startsWith("HTTP/1.1 403 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"})
    void formOfSomebodyElse_isRefused(String type) throws IOException {
        assertThat(post("/api/run", "Content-Type: " + type + "\r\n", "{\"framing\":{\"kind\":\"lines\"}}"))
                .startsWith("HTTP/1.1 415 ");
    }

    @Test
    void scenario_isRun() throws IOException {
        assertThat(postJson(
                        "/api/run", "{\"framing\":{\"kind\":\"lines\"},\"input\":{\"messages\":[{\"text\":\"a\"}]}}"))
                .startsWith("HTTP/1.1 200 ")
                .contains("\"wire\":\"610a\"", "Frame 1 is delivered: “a”.");
    }

    @ParameterizedTest
    @CsvSource({
        "/api/run, {, this cannot be read",
        "/api/run, '{\"framing\":{\"kind\":\"<script>\"}}', there is no framing of that name",
        "/api/find, {}, there are no bytes here",
        "/api/find, '{\"dump\":\"xyz\"}', the dump has an odd number"
    })
    void badRequest_isAnsweredWithAReasonAndWithoutWhatWasSent(String path, String body, String reason)
            throws IOException {
        assertThat(postJson(path, body))
                .startsWith("HTTP/1.1 400 ")
                .containsIgnoringCase("content-type: application/json")
                .contains("{\"error\":\"" + reason)
                .doesNotContain("<script>");
    }

    @Test
    void bodyThatIsTooLong_isRefused() throws IOException {
        String large = " ".repeat(StudioServer.MAX_BODY + 1);
        assertThat(postJson("/api/run", large)).startsWith("HTTP/1.1 413 ");
    }

    @Test
    void chunkedBodyThatIsTooLong_isRefused() throws IOException {
        String chunk = "8000\r\n" + " ".repeat(0x8000) + "\r\n";
        assertThat(send("POST /api/run HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\n"
                        + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk.repeat(5)
                        + "0\r\n\r\n"))
                .startsWith("HTTP/1.1 413 ");
    }

    @Test
    void otherMethods_areRefused() throws IOException {
        assertThat(post("/", "", "")).startsWith("HTTP/1.1 405 ");
        assertThat(send("DELETE /api/run HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 405 ");
    }

    @Test
    void server_listensOnLoopbackOnly() {
        assertThat(server.address()).startsWith("http://127.0.0.1:");
    }

    @Test
    void nestedTooDeeply_isRefused() throws IOException {
        String deep =
                "{\"framing\":{\"kind\":\"lines\",\"options\":{\"a\":" + "[".repeat(2000) + "]".repeat(2000) + "}}}";
        assertThat(postJson("/api/run", deep)).startsWith("HTTP/1.1 400 ");
    }
}
