package reactor.framing.studio;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.support.ui.Select;

/** The page as somebody uses it, in a real browser. */
class BrowserTest extends BrowserTester {

    @Test
    void workedExample_stepByStep() {
        open("");
        assertThat(text("#stage-title")).isEqualTo("Three words in four chunks");
        assertThat(texts("#strip .byte .hex"))
                .containsExactly("03", "61", "62", "63", "02", "68", "69", "04", "70", "69", "6e", "67");
        assertThat(cuts()).containsExactly("3", "6", "10");
        assertThat(count()).isEqualTo("0 / 30");

        List<String> said = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            press(Keys.ARROW_RIGHT);
            said.add(say());
            switch (i + 1) {
                case 7 -> {
                    assertThat(text("#waits"))
                            .isEqualTo("Waits for bytes: payload short by 1 byte: 3 of 4 bytes of the frame are here");
                    assertThat(texts("#partial .cell")).containsExactly("03", "61", "62", "··");
                    assertThat(letters()).isEqualTo("LPP");
                    assertThat(text("#held")).isEqualTo("The operator holds 2 bytes");
                    assertThat(frames()).isEmpty();
                    assertThat(text("#sender")).contains("was asked for a chunk", "3 chunks to send:");
                }
                case 11 -> assertThat(frames()).containsExactly("abc");
                case 23 -> {
                    assertThat(text("#waits")).contains("payload short by 2 bytes");
                    assertThat(frames()).containsExactly("abc", "hi");
                }
                default -> {}
            }
        }

        assertThat(said)
                .startsWith("The subscriber requests without bound.", "The decoder asks for 1 chunk.")
                .contains("03 is the length.", "61 62 are payload.", "Frame 3 is delivered: “ping”.")
                .endsWith("The stream is complete: onComplete.");
        assertThat(frames()).containsExactly("abc", "hi", "ping");
        assertThat(letters()).isEqualTo("LPPPLPPLPPPP");
        assertThat(texts("#demand .ended")).containsExactly("onComplete");
        assertThat(find("#step").isEnabled()).isFalse();
    }

    @Test
    void back_showsWhatWasBefore() {
        open("#lesson=words");
        press(Keys.END);
        assertThat(frames()).hasSize(3);

        find("#back").click();
        assertThat(count()).isEqualTo("29 / 30");
        press(Keys.ARROW_LEFT, Keys.ARROW_LEFT, Keys.ARROW_LEFT);
        assertThat(count()).isEqualTo("26 / 30");
        assertThat(frames()).containsExactly("abc", "hi");
        assertThat(text("#demand")).doesNotContain("onComplete");

        press(Keys.HOME);
        assertThat(count()).isEqualTo("0 / 30");
        assertThat(letters()).isEmpty();
        assertThat(frames()).isEmpty();
    }

    @Test
    void play_goesToTheEndAndPauseStops() {
        open("#lesson=words");
        press(Keys.SPACE);
        await(() -> !count().startsWith("0 "));
        assertThat(text("#play")).contains("Pause");
        find("#play").click();
        assertThat(text("#play")).contains("Play");
        String paused = count();
        assertThat(count()).isEqualTo(paused).isNotEqualTo("30 / 30");

        new Select(find("#speed")).selectByVisibleText("very fast");
        find("#play").click();
        await(() -> count().equals("30 / 30"));
        assertThat(text("#play")).contains("Play");
        assertThat(frames()).containsExactly("abc", "hi", "ping");
    }

    @Test
    void cutIsDragged_chunksChangeAndFramesDoNot() {
        open("#lesson=words");
        WebElement cut = find(".cut[data-cut='3']");
        int from = find(".byte[data-at='3']").getRect().getX();
        int to = find(".byte[data-at='5']").getRect().getX();

        rerun(() -> new Actions(driver)
                .clickAndHold(cut)
                .moveByOffset((to - from) / 2, 0)
                .moveByOffset(to - from - (to - from) / 2, 0)
                .release()
                .perform());

        assertThat(cuts()).containsExactly("5", "6", "10");
        assertThat(text("#stage-title")).isEqualTo("Your own");
        press(Keys.END);
        assertThat(frames()).containsExactly("abc", "hi", "ping");
        find("#log-panel > summary").click();
        assertThat(texts("#log li")).anyMatch(line -> line.contains("Chunk 1 arrives: 5 bytes."));
    }

    @Test
    void cutIsMovedByKeys_addedAndTakenAway() {
        open("#lesson=words");
        rerun(() -> find(".cut[data-cut='3']").sendKeys(Keys.ARROW_RIGHT));
        assertThat(cuts()).containsExactly("4", "6", "10");
        await(() -> driver.switchTo().activeElement().getAttribute("data-cut").equals("4"));
        rerun(() -> driver.switchTo().activeElement().sendKeys(Keys.DELETE));
        assertThat(cuts()).containsExactly("6", "10");

        find(".byte[data-at='0']").click();
        press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT);
        rerun(() -> press("c"));
        assertThat(cuts()).containsExactly("2", "6", "10");

        rerun(() -> find("#cut-none").click());
        assertThat(cuts()).isEmpty();
        rerun(() -> find("#cut-add").click());
        assertThat(cuts()).containsExactly("6");
        rerun(() -> find("#cut-all").click());
        assertThat(cuts()).hasSize(11);
        press(Keys.END);
        assertThat(frames()).containsExactly("abc", "hi", "ping");
        rerun(() -> find("#cut-random").click());
        assertThat(cuts()).isNotEmpty();
    }

    @Test
    void demandByHand_nothingIsReadThatIsNotAskedFor() {
        open("#lesson=hand");
        press(Keys.END);
        assertThat(say()).isEqualTo("Nothing is requested yet, so nothing is read.");
        assertThat(text("#sender")).contains("waits until it is asked", "4 chunks to send:");

        rerun(() -> find("[data-request='1']").click());
        press(Keys.END);
        assertThat(text("#stage-title")).isEqualTo("Request by hand");
        assertThat(frames()).containsExactly("abc");
        assertThat(text("#demand")).startsWith("0");
        assertThat(text("#waits")).isEqualTo("Waits for demand");
        assertThat(text("#sender")).contains("2 chunks to send:");
        assertThat(text("#held")).isEqualTo("The operator holds 2 bytes");

        rerun(() -> find("[data-request='3']").click());
        press(Keys.END);
        assertThat(frames()).containsExactly("abc", "hi", "ping", "pong");
    }

    @Test
    void slowConsumer_chunkStaysWhileThePipelineQueues() {
        open("#lesson=slow");
        assertThat(find("#pipeline-panel").isDisplayed()).isTrue();
        find("#log-panel > summary").click();
        driver.findElements(By.cssSelector("#log li")).stream()
                .filter(line -> line.getText().contains("No demand is left. 15 bytes of the chunk stay unread"))
                .findFirst()
                .orElseThrow()
                .findElement(By.tagName("button"))
                .click();
        assertThat(text("#waits")).isEqualTo("Waits for demand");
        assertThat(text("#held")).isEqualTo("The operator holds 15 bytes");
        assertThat(text("#sender")).contains("waits until it is asked", "2 chunks to send:");

        driver.findElements(By.cssSelector("#log li")).stream()
                .filter(line -> line.getText().contains("15 in the queue"))
                .findFirst()
                .orElseThrow()
                .findElement(By.tagName("button"))
                .click();
        assertThat(text("#queued")).isEqualTo("15");
        assertThat(text("#sender")).contains("2 chunks to send:");
        assertThat(texts("#charts figcaption"))
                .containsExactly(
                        "Bytes that the operator holds (at most 15)", "Frames in the pipeline’s queue (at most 15)");
    }

    @Test
    void error_isShownAsTheCodecTellsIt() {
        open("#lesson=limit");
        press(Keys.END);

        assertThat(frames()).containsExactly("short");
        assertThat(text("#fault strong")).isEqualTo("FrameTooLongException");
        assertThat(text("#fault code"))
                .startsWith("declared length 26 exceeds the limit of 8 bytes at offset 7: 00 1a");
        assertThat(texts("#demand .ended")).containsExactly("onError");
    }

    @Test
    void recovery_skipsWhatIsBadAndGoesOn() {
        open("#lesson=damaged");
        press(Keys.END);

        assertThat(frames()).containsExactly("first", "third");
        assertThat(text("#fault strong")).isEqualTo("Skipped: CorruptFrameException");
        assertThat(text("#fault code")).startsWith("expected the marker 72 but found ff at offset 8");
        assertThat(letters()).isEqualTo("MLLPPPPP" + "×".repeat(9) + "MLLPPPPP");
        assertThat(texts("#demand .ended")).containsExactly("onComplete");
    }

    @Test
    void byteIsDamagedAndMended() {
        open("#lesson=marker");
        press(Keys.END);
        find(".byte[data-at='0']").click();
        rerun(() -> press("d"));
        press(Keys.END);
        assertThat(text("#fault code")).startsWith("expected the marker 72 but found 8d at offset 0");
        assertThat(frames()).isEmpty();

        unfold("set-policy");
        rerun(() -> find("#skip-invalid").click());
        find("#to-end").click();
        assertThat(frames()).hasSize(2);

        rerun(() -> find("#byte-info [data-do='damage']").click());
        find("#to-end").click();
        assertThat(frames()).hasSize(3);
    }

    @Test
    void stall_endsInTheTimeout() {
        open("#lesson=stall");
        press(Keys.END);
        assertThat(text("#fault strong")).isEqualTo("FrameTimeoutException");
        assertThat(text("#clock")).isEqualTo("2,020 ms");
    }

    @Test
    void link_reproducesTheState() {
        open("#lesson=words");
        new Select(find("#framing-kind")).selectByVisibleText("Netstring");
        await(() -> text("#code").contains("netstring"));
        rerun(() -> type("#message-1", "<b>hé</b>"));
        rerun(() -> find("#cut-add").click());
        find("#to-end").click();
        find("#back").click();
        find("#back").click();
        find("#copy-link").click();
        String link = driver.getCurrentUrl();
        List<String> state =
                List.of(say(), count(), text("#code"), letters(), String.join(",", frames()), cuts().toString());
        assertThat(frames()).containsExactly("abc", "<b>hé</b>", "ping");

        open(link.substring(server.address().length()));

        assertThat(List.of(say(), count(), text("#code"), letters(), String.join(",", frames()), cuts().toString()))
                .isEqualTo(state);
        assertThat(find("#message-1").getAttribute("value")).isEqualTo("<b>hé</b>");
    }

    @Test
    void linkThatCannotBeRun_isToldAndTheFirstExampleIsShown() {
        // {"scenario":{"framing":{"kind":"none"}}}
        open("#s=eyJzY2VuYXJpbyI6eyJmcmFtaW5nIjp7ImtpbmQiOiJub25lIn19fQ");
        assertThat(text("#problem")).isEqualTo("This link does not work: there is no framing of that name");
        assertThat(text("#stage-title")).isEqualTo("Three words in four chunks");
        open("#s=%%%");
        assertThat(text("#stage-title")).isEqualTo("Three words in four chunks");
    }

    @Test
    void textFromOutside_isShownAsText() {
        open("#lesson=words");
        rerun(() -> type("#message-0", "<img src=x onerror=alert(1)>"));
        press(Keys.chord(Keys.TAB));
        find("#to-end").click();
        assertThat(frames()).first().isEqualTo("<img src=x onerror=alert(1)>");
        assertThat(driver.findElements(By.cssSelector("main img"))).isEmpty();
    }

    @Test
    void messageThatCannotBeSent_isToldAndTheStageStays() {
        open("#lesson=lines");
        new Select(find("#input-mode")).selectByVisibleText("messages");
        await(() -> texts("#strip .byte").size() == 12);
        type("#message-0", "two\\nlines");
        await(() -> find("#problem").isDisplayed());
        assertThat(text("#problem")).startsWith("these messages cannot be encoded: frame contains a delimiter");
        rerun(() -> type("#message-0", "one line"));
        assertThat(find("#problem").isDisplayed()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "endian | FrameTooLongException | declared length 83886080",
                "counts | FrameTooLongException | declared length 30575"
            })
    void wrongOnPurpose_showsTheSignOfIt(String lesson, String type, String message) {
        open("#lesson=" + lesson);
        assertThat(find("#other-sender").isSelected()).isTrue();
        press(Keys.END);
        assertThat(text("#fault strong")).isEqualTo(type);
        assertThat(text("#fault code")).startsWith(message);
    }

    @Test
    void question_isAnsweredByRunningBothDecoders() {
        open("");
        find("#question input[value='nothing']").click();
        find("#question button").click();
        await(() -> !texts("#answer .wrong").isEmpty());
        find("#question input[value='late']").click();
        find("#question button").click();
        await(() -> !texts("#answer .right").isEmpty());
        assertThat(texts("#answer tbody tr"))
                .containsExactly("1 03 61 62 63 02 68 69 04 70 abc hi abc 5 bytes", "2 69 6e 67 ping hi 5 bytes");
        assertThat(text("#answer")).contains("1 of 3 messages never came");

        find("#run-own").click();
        await(() -> text("#answer").contains("The stream on the stage"));
        assertThat(texts("#answer tbody tr")).hasSize(4);
        assertThat(text("#answer")).contains("Nothing is left in either buffer");
    }

    @Test
    void dump_isReadByTheFramingItIsMadeOf() {
        open("");
        find("#finder-body button[type='button']").click();
        await(() -> !texts("#best li").isEmpty());
        assertThat(texts("#best .match-head code")).contains("Protocols.mqtt()");

        WebElement mqtt = driver.findElements(By.cssSelector("#best li")).stream()
                .filter(match -> match.getText().contains("Protocols.mqtt()"))
                .findFirst()
                .orElseThrow();
        rerun(() -> mqtt.findElement(By.cssSelector("button")).click());
        assertThat(text("#code")).isEqualTo("FrameCodec.of(Protocols.mqtt())");
        find("#to-end").click();
        assertThat(frames()).hasSize(4);
        assertThat(letters()).startsWith("HLPPPP");
    }

    @Test
    void escapedByte_showsWhatItStandsFor() {
        open("#lesson=escape");
        press(Keys.END);
        assertThat(letters()).isEqualTo("PEPPD" + "PPPPPD" + "EPD");
        assertThat(text(".byte[data-at='2']")).contains("dc", "→c0");
        assertThat(find(".byte[data-at='2']").getAttribute("aria-label"))
                .isEqualTo("byte 2: dc, payload, stands for c0, delivered, frame 1");
    }

    @Test
    void preset_comesWithAStreamOfItsOwn() {
        open("#lesson=words");
        rerun(() -> new Select(find("#framing-kind")).selectByVisibleText("AMQP 0-9-1"));
        find("#to-end").click();
        assertThat(text("#code")).isEqualTo("FrameCodec.of(Protocols.amqp())");
        assertThat(letters()).isEqualTo("MMMMMMMM" + "HHHLLLLD");
        rerun(() -> new Select(find("#framing-kind")).selectByVisibleText("Length field"));
        find("#to-end").click();
        assertThat(frames()).containsExactly("abc", "hi", "ping");
    }

    @Test
    void fullSize_isMeasured() {
        open("");
        find("#measure").click();
        await(() -> !texts("#pipeline-queued").isEmpty());
        assertThat(text("#codec-queued")).isEqualTo("0");
        assertThat(text("#pipeline-queued")).isEqualTo("16,383");
    }

    @Test
    void keysAreTold_andTheDialogTakesThemAll() {
        open("");
        press("?");
        assertThat(find("#help").isDisplayed()).isTrue();
        press(Keys.ARROW_RIGHT);
        assertThat(count()).isEqualTo("0 / 30");
        press(Keys.ESCAPE);
        await(() -> !find("#help").isDisplayed());
        press(Keys.ARROW_RIGHT);
        assertThat(count()).isEqualTo("1 / 30");
    }

    @Test
    void theme_isChosenAndKept() {
        open("");
        String light = find("body").getCssValue("background-color");
        find("#theme").click();
        find("#theme").click();
        assertThat(text("#theme")).contains("Dark");
        String dark = find("body").getCssValue("background-color");
        assertThat(dark).isNotEqualTo(light);
        open("");
        assertThat(find("body").getCssValue("background-color")).isEqualTo(dark);
        find("#theme").click();
        Browser.emulate(driver, "dark", true, 1400, 1000);
        assertThat(find("body").getCssValue("background-color")).isEqualTo(dark);
    }

    @Test
    void reducedMotion_nothingMovesByItself() {
        String animation = "return getComputedStyle(document.querySelector('.frame.newest')).animationName";
        open("#lesson=words");
        press(Keys.END);
        assertThat(driver.executeScript(animation)).isEqualTo("none");
        Browser.emulate(driver, "light", false, 1400, 1000);
        assertThat(driver.executeScript(animation)).isEqualTo("arrive");
    }

    @Test
    void nothingIsFetchedFromElsewhere() {
        open("#lesson=slow");
        assertThat((List<?>) driver.executeScript(
                        "return performance.getEntriesByType('resource').map(entry => new URL(entry.name).origin)"))
                .isNotEmpty()
                .allMatch(origin -> server.address().startsWith(origin + "/"));
    }

    @Test
    void runThatIsGivenUp_saysSo() {
        String scenario =
                "{\"scenario\":{\"framing\":{\"kind\":\"lines\"},\"input\":{\"wire\":\"" + "0a".repeat(2048) + "\"}}}";
        open("#s=" + Base64.getUrlEncoder().encodeToString(scenario.getBytes(StandardCharsets.UTF_8)));
        find("#to-end").click();
        assertThat(say()).endsWith("The run is given up here: it has too many steps.");
    }
}
