import {$} from './dom.js';

/** Cuts of the stream that are dragged, moved by keys, added and taken away. */
export class Cuts {
    #stage;
    #get;
    #change;
    #damage;

    /**
     * @param stage draws the bytes
     * @param get the cuts as they are
     * @param change is told the new cuts, and the cut to go on with, if any
     * @param damage is told the byte that is to be damaged or mended
     */
    constructor(stage, get, change, damage) {
        this.#stage = stage;
        this.#get = get;
        this.#change = change;
        this.#damage = damage;
        const strip = $('strip');
        strip.addEventListener('pointerdown', event => this.#drag(event));
        strip.addEventListener('keydown', event => this.#key(event));
        strip.addEventListener('click', event => this.#select(event.target.closest('.byte')));
        strip.addEventListener('focusin', event => this.#select(event.target.closest('.byte')));
        $('byte-info').addEventListener('click', event => {
            if (event.target.dataset.do === 'cut') this.#toggle(this.#stage.selected);
            if (event.target.dataset.do === 'damage') this.#damage(this.#stage.selected);
        });
        $('cut-none').addEventListener('click', () => this.#change([]));
        $('cut-all').addEventListener('click', () =>
            this.#change(Array.from({length: Math.max(0, stage.length - 1)}, (_, i) => i + 1)),
        );
        $('cut-random').addEventListener('click', () => this.#change(this.#random()));
        $('cut-add').addEventListener('click', () => this.#add());
    }

    #random() {
        const cuts = [];
        const parts = Math.min(this.#stage.length, 3 + Math.floor(Math.random() * 5));
        for (let i = 1; i < this.#stage.length; i++) {
            if (Math.random() < parts / this.#stage.length) cuts.push(i);
        }
        return cuts.length || this.#stage.length < 2
            ? cuts
            : [1 + Math.floor(Math.random() * (this.#stage.length - 1))];
    }

    /** Cuts the longest chunk in two. */
    #add() {
        const borders = [0, ...this.#get(), this.#stage.length];
        let longest = 0;
        for (let i = 0; i + 1 < borders.length; i++) {
            if (borders[i + 1] - borders[i] > borders[longest + 1] - borders[longest]) longest = i;
        }
        const at = Math.floor((borders[longest] + borders[longest + 1]) / 2);
        if (at > borders[longest])
            this.#change(
                [...this.#get(), at].sort((a, b) => a - b),
                at,
            );
    }

    #toggle(at) {
        if (at <= 0) return;
        const cuts = this.#get();
        this.#change(cuts.includes(at) ? cuts.filter(each => each !== at) : [...cuts, at].sort((a, b) => a - b));
    }

    #move(from, to) {
        const cuts = this.#get().filter(each => each !== from);
        if (to > 0 && to < this.#stage.length && !cuts.includes(to)) cuts.push(to);
        this.#change(
            cuts.sort((a, b) => a - b),
            to,
        );
    }

    #select(byte) {
        if (byte) {
            this.#stage.selected = Number(byte.dataset.at);
            this.#stage.drawSelected();
        }
    }

    #key(event) {
        const cut = event.target.closest('.cut');
        const byte = event.target.closest('.byte');
        const by = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (cut) {
            const at = Number(cut.dataset.cut);
            if (by) {
                const to = at + by;
                if (to > 0 && to < this.#stage.length && !this.#get().includes(to)) this.#move(at, to);
            } else if (event.key === 'Delete' || event.key === 'Backspace') {
                this.#toggle(at);
            } else {
                return;
            }
        } else if (byte) {
            const at = Number(byte.dataset.at);
            if (by) this.#stage.byteElements[at + by]?.focus();
            else if (event.key === 'c' || event.key === 'C') this.#toggle(at);
            else if (event.key === 'd' || event.key === 'D') this.#damage(at);
            else return;
        } else {
            return;
        }
        event.preventDefault();
        event.stopPropagation();
    }

    #drag(event) {
        const cut = event.target.closest('.cut');
        if (!cut || event.button !== 0) return;
        event.preventDefault();
        cut.setPointerCapture(event.pointerId);
        cut.classList.add('dragged');
        const from = Number(cut.dataset.cut);
        let to = from;
        const move = moved => {
            const at = this.#placeAt(moved.clientX, moved.clientY);
            if (at !== null && at !== to && (at === from || !this.#get().includes(at))) {
                // the cut itself stays where it is, as an element that is moved loses the pointer
                this.#stage.byteElements[to]?.classList.remove('cut-here');
                to = at;
                this.#stage.byteElements[to].classList.toggle('cut-here', to !== from);
                cut.setAttribute('aria-valuenow', String(to));
                cut.setAttribute('aria-valuetext', `before byte ${to}`);
            }
        };
        const end = () => {
            cut.removeEventListener('pointermove', move);
            cut.removeEventListener('pointerup', end);
            cut.removeEventListener('pointercancel', end);
            cut.classList.remove('dragged');
            this.#stage.byteElements[to]?.classList.remove('cut-here');
            if (to !== from) this.#move(from, to);
        };
        cut.addEventListener('pointermove', move);
        cut.addEventListener('pointerup', end);
        cut.addEventListener('pointercancel', end);
    }

    /** Before which byte a cut would go at this place on the screen. */
    #placeAt(x, y) {
        let best = null;
        let least = Infinity;
        this.#stage.byteElements.forEach((byte, i) => {
            if (i === 0) return;
            const box = byte.getBoundingClientRect();
            const distance = Math.abs(box.left - x) + 4 * Math.max(0, box.top - y, y - box.bottom);
            if (distance < least) {
                least = distance;
                best = i;
            }
        });
        return best;
    }
}
