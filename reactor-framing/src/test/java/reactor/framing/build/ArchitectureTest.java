package reactor.framing.build;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import org.w3c.dom.Document;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.FluxOperator;

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
    void micrometer_isKnownToItsBridgeOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage("reactor.framing.micrometer..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.micrometer..")
                .check(CLASSES);
    }

    /** Formats say where bytes belong. Streams, demand and threads are nothing to them. */
    @Test
    void formats_knowNothingOfReactor() {
        classes()
                .that()
                .resideInAPackage("reactor.framing.format..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify.annotations", "reactor.framing", "reactor.framing.format..")
                .check(CLASSES);
    }

    @Test
    void engine_isNotPublic() {
        classes()
                .that()
                .implement(Subscription.class)
                .or()
                .areAssignableTo(CoreSubscriber.class)
                .or()
                .areAssignableTo(FluxOperator.class)
                .should()
                .notBePublic()
                .check(CLASSES);
    }

    @Test
    void packages_areFreeOfCycles() {
        slices().matching("(reactor.framing..)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void everyPackageWithPublicTypes_isExported() {
        ModuleDescriptor module = ModuleFinder.of(Path.of("target", "classes"))
                .find("reactor.framing")
                .orElseThrow()
                .descriptor();

        assertThat(module.exports())
                .extracting(ModuleDescriptor.Exports::source)
                .containsExactlyInAnyOrderElementsOf(CLASSES.stream()
                        .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                        .map(JavaClass::getPackageName)
                        .collect(toSet()));
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
