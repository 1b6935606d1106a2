package reactor.framing.benchmarks;

/** What takes a whole stream through a contender, each time it is run. */
interface Run {

    void run() throws Exception;

    /** Gives back what was allocated for it. */
    default void close() {}
}
