/** Proves that a framing keeps its promises, and cuts streams of bytes anew for tests of one's own. */
module reactor.framing.test {
    requires java.management;
    requires jdk.management;
    requires static transitive org.jspecify;
    requires transitive org.reactivestreams;
    requires transitive reactor.core;
    requires transitive reactor.framing;

    exports reactor.framing.test;
}
