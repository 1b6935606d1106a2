/** Goes through the steps of a run. Its position is the number of steps that have been shown. */
export class Player {
    #steps = [];
    #at = 0;
    #timer = null;
    #speed = 1;
    #onMove;
    #onPlay;

    constructor(onMove, onPlay) {
        this.#onMove = onMove;
        this.#onPlay = onPlay;
    }

    get at() {
        return this.#at;
    }
    get length() {
        return this.#steps.length;
    }
    get playing() {
        return this.#timer !== null;
    }

    load(steps, at = 0) {
        this.pause();
        this.#steps = steps;
        this.#at = -1;
        this.goTo(at);
    }

    goTo(at) {
        const to = Math.max(0, Math.min(this.length, at));
        if (to === this.#at) return;
        this.#at = to;
        this.#onMove(to);
    }

    step() {
        this.pause();
        this.goTo(this.#at + 1);
    }
    back() {
        this.pause();
        this.goTo(this.#at - 1);
    }

    set speed(value) {
        this.#speed = value;
    }

    toggle() {
        if (this.playing) this.pause();
        else this.play();
    }

    play() {
        if (this.length === 0) return;
        if (this.#at === this.length) this.goTo(0);
        this.#schedule(0);
        this.#onPlay(true);
    }

    pause() {
        if (!this.playing) return;
        clearTimeout(this.#timer);
        this.#timer = null;
        this.#onPlay(false);
    }

    #schedule(delay) {
        this.#timer = setTimeout(() => {
            this.goTo(this.#at + 1);
            if (this.#at === this.length) this.pause();
            else this.#schedule(this.#pauseAfter(this.#steps[this.#at - 1]) / this.#speed);
        }, delay);
    }

    /** The longer there is something to read, the longer the pause. */
    #pauseAfter(step) {
        if (step.lane === 'pipeline') return 250;
        return {pull: 1100, frame: 1000, skipped: 2000, held: 1300, lost: 1500, stall: 1300}[step.type] ?? 750;
    }
}
