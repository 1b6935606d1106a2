package reactor.framing.studio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page is for everybody: axe looks at it in every theme, width and lesson. */
class AccessibilityTest extends BrowserTester {

    @ParameterizedTest
    @CsvSource({
        "light, 1400, words",
        "dark, 1400, words",
        "light, 1400, slow",
        "dark, 1400, slow",
        "light, 360, damaged",
        "dark, 360, damaged",
        "light, 360, hand",
        "dark, 1400, limit"
    })
    void axe_findsNothing(String scheme, int width, String lesson) throws IOException {
        Browser.emulate(driver, scheme, true, width, 900);
        open("#lesson=" + lesson);
        driver.executeScript("document.querySelectorAll('details').forEach(each => { each.open = true; })");
        click("#question input[value='late']");
        click("#question button");
        await(() -> !texts("#answer table").isEmpty());
        click("#finder-body button[type='button']");
        await(() -> !texts("#best li").isEmpty());
        click("#measure");
        await(() -> !texts("#measured table").isEmpty());
        for (int step : new int[] {0, 12, 10_000}) {
            driver.executeScript(
                    "const at = document.getElementById('position'); at.value = arguments[0];"
                            + "at.dispatchEvent(new Event('input'))",
                    step);
            assertThat(violations()).as("step %d", step).isEmpty();
        }
        assertThat((Long) driver.executeScript("return document.documentElement.scrollWidth"))
                .as("the page is no wider than the screen")
                .isLessThanOrEqualTo(width);
        screenshot(lesson + "-" + scheme + "-" + width);
    }

    /** By script: what has been opened may move the element away under a pointer. */
    private static void click(String selector) {
        driver.executeScript("arguments[0].click()", find(selector));
    }

    private static List<?> violations() throws IOException {
        try (InputStream axe = AccessibilityTest.class.getResourceAsStream("/axe.min.js")) {
            driver.executeScript(new String(axe.readAllBytes(), StandardCharsets.UTF_8));
        }
        return (List<?>) driver.executeAsyncScript("""
                const done = arguments[arguments.length - 1];
                axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then(
                    result => done(result.violations.map(each => each.id + ': '
                        + each.nodes.map(node => node.target + ' ' + node.failureSummary).join('; '))),
                    failure => done([String(failure)]));
                """);
    }

    /** For whoever wants to look: target/screenshots. */
    private static void screenshot(String name) throws IOException {
        Path folder = Files.createDirectories(Path.of("target", "screenshots"));
        Map<String, Object> shot = driver.executeCdpCommand(
                "Page.captureScreenshot", Map.of("captureBeyondViewport", true, "format", "png"));
        Files.write(folder.resolve(name + ".png"), Base64.getDecoder().decode((String) shot.get("data")));
    }
}
