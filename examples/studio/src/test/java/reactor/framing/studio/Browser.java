package reactor.framing.studio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/**
 * Starts a Chromium that is installed; none is downloaded. Named by the system properties {@code studio.chromium} and
 * {@code studio.chromedriver}, or else found on the path. Where there is none the tests are skipped, but not in CI.
 */
final class Browser {

    /** Selenium complains that it does not know this Chromium's protocol, of which nothing is used that changes. */
    private static final List<Logger> QUIET = List.of(
            Logger.getLogger("org.openqa.selenium.devtools.CdpVersionFinder"),
            Logger.getLogger("org.openqa.selenium.chromium.ChromiumDriver"));

    private Browser() {}

    static ChromeDriver start() throws IOException {
        Optional<File> chromium =
                find("studio.chromium", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
        Optional<File> driver = find("studio.chromedriver", "chromedriver");
        if (chromium.isEmpty() || driver.isEmpty()) {
            String reason = "no " + (chromium.isEmpty() ? "chromium" : "chromedriver")
                    + " on the path: the studio is not tested in a browser";
            assertThat(System.getenv("CI")).as(reason).isNotEqualTo("true");
            System.out.println("SKIPPED: " + reason);
            assumeTrue(false, reason);
        }
        QUIET.forEach(logger -> logger.setLevel(Level.SEVERE));
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(chromium.orElseThrow());
        options.setCapability(ChromeOptions.LOGGING_PREFS, logs);
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--window-size=1400,1000",
                "--user-data-dir="
                        + Files.createTempDirectory(Path.of("target"), "chromium")
                                .toAbsolutePath());
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(driver.orElseThrow())
                .usingAnyFreePort()
                .withTimeout(Duration.ofMinutes(2))
                .build();
        return new ChromeDriver(service, options);
    }

    /** What the page is told of the system: its colours, whether things may move, its size. */
    static void emulate(ChromeDriver driver, String scheme, boolean reducedMotion, int width, int height) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(
                                Map.of("name", "prefers-color-scheme", "value", scheme),
                                Map.of(
                                        "name",
                                        "prefers-reduced-motion",
                                        "value",
                                        reducedMotion ? "reduce" : "no-preference"))));
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    private static Optional<File> find(String property, String... names) {
        String named = System.getProperty(property);
        if (named != null) {
            return Optional.of(new File(named));
        }
        String path = System.getenv("PATH");
        return path == null
                ? Optional.empty()
                : Stream.of(names)
                        .flatMap(name ->
                                Stream.of(path.split(File.pathSeparator)).map(folder -> Path.of(folder, name)))
                        .filter(Files::isExecutable)
                        .map(Path::toFile)
                        .findFirst();
    }
}
