package reactor.framing.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.MatchResult;
import org.junit.jupiter.api.Test;

/** The BOM, which has no parent, is of this version and knows all artifacts that are deployed. */
class BomTest {

    private static final String COORDINATES =
            "<artifactId>(reactor-framing[^<]*)</artifactId>\\s*(?:<version>([^<]*)</version>)?";

    @Test
    void bom_hasTheVersionsOfAllThatIsDeployed() {
        String parent = Pages.read(Pages.page("pom.xml"));
        String version = Pages.matches(COORDINATES, parent).get(0).group(2);
        String bom = Pages.read(Pages.page("reactor-framing-bom/pom.xml"));
        List<String> deployed = Pages.matches("<module>([^<]*)</module>", parent).stream()
                .map(module -> module.group(1))
                .filter(module -> !module.equals("reactor-framing-bom"))
                .filter(module -> !Pages.read(Pages.page(module + "/pom.xml"))
                        .contains("<maven.deploy.skip>true</maven.deploy.skip>"))
                .toList();

        List<MatchResult> coordinates = Pages.matches(COORDINATES, bom);
        assertThat(coordinates.get(0).group(1)).isEqualTo("reactor-framing-bom");
        assertThat(coordinates.get(0).group(2)).isEqualTo(version);
        assertThat(coordinates.stream().skip(1).map(match -> match.group(1)))
                .containsExactlyInAnyOrderElementsOf(deployed);
        assertThat(Pages.matches("<version>\\$\\{project.version}</version>", bom))
                .hasSameSizeAs(deployed);
    }
}
