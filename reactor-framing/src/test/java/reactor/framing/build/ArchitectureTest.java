package reactor.framing.build;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

/**
 * The arrows between the packages, which all point to {@code reactor.framing}, so that there can be no cycle, and the
 * one to the outside.
 */
class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter().importPath(Path.of("target", "classes"));

    @Test
    void rootPackage_knowsNoPackageBelowIt() {
        noClasses()
                .that()
                .resideInAPackage("reactor.framing")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("reactor.framing.*..")
                .check(CLASSES);
    }

    @Test
    void packagesBelowTheRoot_doNotKnowEachOther() {
        slices().matching("reactor.framing.(*)..")
                .should()
                .notDependOnEachOther()
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void netty_isKnownToItsBridgeOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("reactor.framing.netty..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty..", "reactor.netty..")
                .check(CLASSES);
    }

    @Test
    void reactorCore_isTheOnlyRequiredDependency() throws Exception {
        Document pom = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse("pom.xml");
        String required = "/project/dependencies/dependency[not(optional = 'true') and not(scope = 'test')]";

        assertThat(XPathFactory.newInstance().newXPath().evaluate("count(" + required + ")", pom))
                .isEqualTo("1");
        assertThat(XPathFactory.newInstance().newXPath().evaluate(required + "/artifactId", pom))
                .isEqualTo("reactor-core");
    }
}
