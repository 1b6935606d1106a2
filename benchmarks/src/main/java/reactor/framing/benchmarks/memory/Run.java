package reactor.framing.benchmarks.memory;

/** What takes a whole stream through a contender, each time it is run. */
interface Run {

    void run() throws Exception;
}
