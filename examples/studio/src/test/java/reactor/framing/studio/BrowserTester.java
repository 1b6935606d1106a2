package reactor.framing.studio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.support.ui.WebDriverWait;

/** What tests of the page in a real browser have in common: each class has a browser of its own. */
@Timeout(300)
abstract class BrowserTester {

    static StudioServer server;
    static ChromeDriver driver;

    @BeforeAll
    static void start() throws IOException {
        driver = Browser.start();
        driver.manage().timeouts().scriptTimeout(Duration.ofMinutes(2));
        server = StudioServer.start(0);
    }

    @AfterAll
    static void stop() {
        if (driver != null) {
            driver.quit();
        }
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void emulate() {
        Browser.emulate(driver, "light", true, 1400, 1000);
    }

    @AfterEach
    void nothingWentWrong() {
        List<String> faults = driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(LogEntry::getMessage)
                // what the server answers to a scenario that cannot be run
                .filter(message -> !message.contains("status of 400"))
                .toList();
        assertThat(faults).as("what the browser complains of").isEmpty();
    }

    // ---- how the page is used

    static void open(String fragment) {
        driver.get("about:blank");
        driver.get(server.address() + fragment);
        await(() -> !driver.findElements(By.cssSelector("body[data-ready]")).isEmpty());
    }

    interface Condition {
        boolean holds();
    }

    static void await(Condition condition) {
        new WebDriverWait(driver, Duration.ofSeconds(60), Duration.ofMillis(30))
                .ignoring(WebDriverException.class)
                .until(any -> condition.holds());
    }

    static WebElement find(String selector) {
        return driver.findElement(By.cssSelector(selector));
    }

    static String text(String selector) {
        return find(selector).getText();
    }

    static List<String> texts(String selector) {
        return driver.findElements(By.cssSelector(selector)).stream()
                .map(WebElement::getText)
                .toList();
    }

    static void press(CharSequence... keys) {
        new Actions(driver).sendKeys(keys).perform();
    }

    /** Does something that has the server run the scenario anew, and waits for the new run. */
    static void rerun(Runnable change) {
        String before = find("body").getAttribute("data-ready");
        change.run();
        await(() -> !before.equals(find("body").getAttribute("data-ready")));
    }

    static String say() {
        return text("#say");
    }

    static String count() {
        return text("#count");
    }

    static List<String> frames() {
        return texts("#frames .text");
    }

    static String letters() {
        return String.join("", texts("#strip .byte .cue"));
    }

    static List<String> cuts() {
        return driver.findElements(By.cssSelector("#strip .cut")).stream()
                .map(cut -> cut.getAttribute("aria-valuenow"))
                .toList();
    }

    static void type(String selector, String value) {
        WebElement input = find(selector);
        input.sendKeys(Keys.chord(Keys.CONTROL, "a"));
        input.sendKeys(value);
    }

    static void unfold(String id) {
        if (find("#" + id).getAttribute("open") == null) {
            find("#" + id + " > summary").click();
        }
    }
}
