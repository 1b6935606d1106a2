import {$, charOf, count, el, fill, hexOf, setText, svg} from './dom.js';

/** What the bytes can be: the letter says so without colour. */
export const ROLES = {
    MARKER: {letter: 'M', name: 'marker'},
    HEADER: {letter: 'H', name: 'header'},
    LENGTH: {letter: 'L', name: 'length'},
    PAYLOAD: {letter: 'P', name: 'payload'},
    DELIMITER: {letter: 'D', name: 'delimiter'},
    ESCAPE: {letter: 'E', name: 'escape'},
    SKIPPED: {letter: '×', name: 'of no frame'},
};

const NOTHING = {
    demand: 0,
    sent: 0,
    arrived: 0,
    read: 0,
    held: 0,
    frames: 0,
    frameStart: -1,
    received: 0,
    expected: -1,
};
const MOST_CELLS = 40;
const MOST_PENDING = 6;

/** Draws a run as it stands after some of its steps. Everything shown was recorded by the server. */
export class Stage {
    #trace = null;
    #scenario = null;
    #drawn = 0;
    #marks = [];
    #bytes = [];
    #framesDrawn = 0;
    selected = 0;

    load(trace, scenario) {
        this.#trace = trace;
        this.#scenario = scenario;
        this.selected = Math.max(0, Math.min(this.selected, trace.wire.length / 2 - 1));
        this.#reset();
        this.#buildStrip();
        this.#buildLegend();
        this.#buildLog();
        setText($('code'), trace.codec);
        $('pipeline-panel').hidden = !scenario.beside?.pipeline;
        $('by-hand').hidden = scenario.demand?.mode !== 'manual';
        fill($('frames'));
        this.#framesDrawn = 0;
    }

    get length() {
        return this.#trace === null ? 0 : this.#trace.wire.length / 2;
    }
    get byteElements() {
        return this.#bytes;
    }

    draw(at) {
        if (at < this.#drawn) this.#reset();
        const steps = this.#trace.steps;
        for (; this.#drawn < at; this.#drawn++) {
            for (const mark of steps[this.#drawn].marks) this.#marks.fill(mark, mark.from, mark.to);
        }
        const shown = steps.slice(0, at);
        const codec = shown.findLast(step => step.codec)?.codec ?? NOTHING;
        const pipeline = shown.findLast(step => step.pipeline)?.pipeline ?? null;
        const step = shown.at(-1);
        const frames = shown.filter(each => each.frame && each.lane === 'codec').map(each => each.frame);
        this.#drawBytes(codec, frames, step);
        this.#drawNarration(step, at);
        this.#drawFault(shown);
        this.#drawSender(codec, shown);
        this.#drawDecoder(codec, shown);
        this.#drawSubscriber(codec, frames);
        this.#drawPipeline(pipeline, shown);
        this.#drawCharts(at);
        this.#drawLog(at);
        this.drawSelected();
    }

    #reset() {
        this.#drawn = 0;
        this.#marks = Array(this.length).fill(null);
    }

    // ---- the stream

    #buildStrip() {
        const wire = this.#trace.wire;
        const damaged = new Set((this.#scenario.faults?.damage ?? []).map(each => each.at));
        this.#bytes = [];
        const nodes = [];
        this.#trace.chunks.forEach(([from, to], number) => {
            if (number > 0) nodes.push(this.#cut(from, wire.length / 2));
            for (let i = from; i < to; i++) {
                const hex = hexOf(wire, i);
                const byte = el(
                    'button',
                    {
                        type: 'button',
                        class: 'byte',
                        tabindex: i === this.selected ? '0' : '-1',
                        data: {at: i},
                    },
                    el('span', {class: 'cue'}),
                    el('span', {class: 'hex'}, hex),
                    el('span', {class: 'chr'}, charOf(hex)),
                );
                if (i === from) byte.dataset.chunk = `chunk ${number + 1}`;
                if (damaged.has(i)) byte.classList.add('damaged');
                this.#bytes.push(byte);
                nodes.push(byte);
            }
        });
        if (nodes.length === 0) nodes.push(el('p', {class: 'note'}, 'No bytes: there is no message.'));
        fill($('strip'), nodes);
        $('strip').classList.toggle('roomy', this.length <= 48);
    }

    #cut(at, length) {
        return el('span', {
            class: 'cut',
            role: 'slider',
            tabindex: this.#trace.chunks.length <= 17 ? '0' : '-1',
            'aria-label': 'Cut',
            'aria-orientation': 'horizontal',
            'aria-valuemin': '1',
            'aria-valuemax': String(length - 1),
            'aria-valuenow': String(at),
            'aria-valuetext': `before byte ${at}`,
            title: 'Drag this cut',
            data: {cut: at},
        });
    }

    #drawBytes(codec, frames, step) {
        const marks = step?.marks ?? [];
        const leaving = step?.lane === 'codec' ? step.frame : null;
        const framed = new Map();
        let last = null;
        for (const frame of frames) {
            for (let i = frame.from; i < frame.to; i++) framed.set(i, frame);
        }
        this.#bytes.forEach((byte, i) => {
            const mark = this.#marks[i];
            const frame = framed.get(i);
            const state = i >= codec.arrived ? 'unsent' : mark ? 'read' : 'here';
            const role = mark ? ROLES[mark.role] : null;
            const key = [state, mark?.role, mark?.delivered, mark?.as, frame?.index].join();
            if (byte.dataset.key !== key) {
                byte.dataset.key = key;
                byte.dataset.state = state;
                byte.dataset.role = mark ? mark.role.toLowerCase() : '';
                byte.classList.toggle('delivered', Boolean(mark?.delivered));
                byte.classList.toggle('framed', Boolean(frame));
                byte.classList.toggle('frame-first', frame?.from === i);
                byte.classList.toggle('frame-last', frame?.to === i + 1);
                if (frame?.from === i) byte.dataset.frame = `frame ${frame.index + 1}`;
                else delete byte.dataset.frame;
                setText(byte.firstChild, role ? role.letter : '');
                setText(byte.lastChild, mark?.as ? `→${mark.as}` : charOf(hexOf(this.#trace.wire, i)));
                byte.setAttribute('aria-label', this.describe(i, state, mark, frame));
            }
            const isNow =
                marks.some(each => each.from <= i && i < each.to) || (leaving && leaving.from <= i && i < leaving.to);
            byte.classList.toggle('now', Boolean(isNow));
            if (isNow) last = byte;
        });
        if (last) this.#keepInView(last);
    }

    /** Scrolls within the stream, and leaves the page where it is. */
    #keepInView(byte) {
        const strip = $('strip');
        const top = byte.offsetTop - strip.offsetTop;
        if (top - 24 < strip.scrollTop || top + byte.offsetHeight + 30 > strip.scrollTop + strip.clientHeight) {
            strip.scrollTop = top - 24;
        }
    }

    describe(i, state, mark, frame) {
        const hex = hexOf(this.#trace.wire, i);
        const what = mark
            ? ROLES[mark.role].name + (mark.as ? `, stands for ${mark.as}` : '') + (mark.delivered ? ', delivered' : '')
            : state === 'here'
              ? 'arrived, not read'
              : 'not sent yet';
        return `byte ${i}: ${hex}, ${what}${frame ? `, frame ${frame.index + 1}` : ''}`;
    }

    drawSelected() {
        const byte = this.#bytes[this.selected];
        this.#bytes.forEach((each, i) => {
            each.tabIndex = i === this.selected ? 0 : -1;
        });
        const info = $('byte-info');
        if (!byte) {
            fill(info);
            return;
        }
        const label = byte.getAttribute('aria-label');
        const text = label.charAt(0).toUpperCase() + label.slice(1);
        if (info.dataset.text === text && info.dataset.at === String(this.selected)) return;
        info.dataset.text = text;
        info.dataset.at = String(this.selected);
        const isCut = this.#trace.chunks.some(([from]) => from === this.selected && from > 0);
        const isDamaged = byte.classList.contains('damaged');
        fill(
            info,
            el('span', {}, text),
            this.selected > 0 &&
                el('button', {type: 'button', data: {do: 'cut'}}, isCut ? 'Join here' : 'Cut before it'),
            el('button', {type: 'button', data: {do: 'damage'}}, isDamaged ? 'Mend it' : 'Damage it'),
        );
    }

    #buildLegend() {
        const used = new Set(this.#trace.steps.flatMap(step => step.marks.map(mark => mark.role)));
        fill(
            $('legend'),
            ...Object.entries(ROLES)
                .filter(([role]) => used.has(role))
                .map(([role, {letter, name}]) =>
                    el(
                        'li',
                        {},
                        el('span', {class: 'byte sample', data: {role: role.toLowerCase(), state: 'read'}}, letter),
                        name,
                    ),
                ),
            el('li', {}, el('span', {class: 'byte sample', data: {state: 'here', role: ''}}, ' '), 'arrived, not read'),
            el('li', {}, el('span', {class: 'byte sample', data: {state: 'unsent', role: ''}}, ' '), 'not sent'),
            el(
                'li',
                {},
                el('span', {class: 'byte sample delivered', data: {role: 'payload', state: 'read'}}, ' '),
                'with a bar: delivered',
            ),
        );
    }

    // ---- what happens

    #drawNarration(step, at) {
        const steps = this.#trace.steps;
        const over = this.#trace.cut && at === steps.length ? ' The run is given up here: it has too many steps.' : '';
        const nothing = steps.length ? 'Press play, or go through it step by step.' : 'Nothing happens.';
        setText($('say'), step ? step.text + over : nothing);
        $('say').dataset.type = step?.type ?? '';
        setText($('clock'), step ? `${step.millis.toLocaleString('en')} ms` : '');
        setText($('count'), `${at} / ${steps.length}`);
        $('position').max = String(steps.length);
        $('position').value = String(at);
        $('position').setAttribute('aria-valuetext', `step ${at} of ${steps.length}`);
        $('back').disabled = $('to-start').disabled = at === 0;
        $('step').disabled = $('to-end').disabled = at === steps.length;
    }

    #drawFault(shown) {
        const faults = shown.filter(step => step.fault && step.lane === 'codec');
        const box = $('fault');
        box.hidden = faults.length === 0;
        fill(
            box,
            ...faults.map(step =>
                el(
                    'p',
                    {class: step.type},
                    el('strong', {}, step.type === 'skipped' ? `Skipped: ${step.fault.type}` : step.fault.type),
                    el('code', {}, step.fault.message),
                ),
            ),
        );
    }

    #drawSender(codec, shown) {
        const chunks = this.#trace.chunks;
        const pending = chunks.slice(codec.sent);
        const last = shown.findLast(
            step => step.lane === 'codec' && ['pull', 'chunk', 'stall', 'close'].includes(step.type),
        );
        const closed = shown.some(step => step.type === 'close');
        const state = closed
            ? 'has closed the connection'
            : codec.ended
              ? 'is cut off: the stream has ended'
              : last?.type === 'stall'
                ? 'stalls'
                : last?.type === 'pull'
                  ? 'was asked for a chunk'
                  : 'waits until it is asked';
        fill(
            $('sender'),
            el('p', {class: 'state', data: {state: last?.type === 'pull' ? 'busy' : 'idle'}}, state),
            el(
                'p',
                {class: 'note'},
                pending.length ? `${count(pending.length, 'chunk')} to send:` : 'nothing left to send',
            ),
            el(
                'ol',
                {class: 'pending', 'aria-label': 'Chunks to send'},
                pending
                    .slice(0, MOST_PENDING)
                    .map(([from, to], i) =>
                        el(
                            'li',
                            {},
                            el('span', {class: 'number'}, String(codec.sent + i + 1)),
                            this.#cells(from, Math.min(to, from + 8), true),
                            to - from > 8 && el('span', {class: 'note'}, `… ${to - from} bytes`),
                        ),
                    ),
                pending.length > MOST_PENDING && el('li', {class: 'note'}, `and ${pending.length - MOST_PENDING} more`),
            ),
        );
    }

    /** Bytes as small cells. */
    #cells(from, to, plain = false) {
        const cells = el('span', {class: 'cells'});
        const start = Math.max(from, to - MOST_CELLS);
        if (start > from) cells.append(el('span', {class: 'note'}, `${start - from} bytes …`));
        for (let i = start; i < to; i++) {
            const mark = plain ? null : this.#marks[i];
            cells.append(
                el(
                    'span',
                    {
                        class: 'cell' + (mark?.delivered ? ' delivered' : ''),
                        data: {role: mark ? mark.role.toLowerCase() : '', state: mark ? 'read' : 'here'},
                    },
                    hexOf(this.#trace.wire, i),
                ),
            );
        }
        return cells;
    }

    #drawDecoder(codec, shown) {
        const chunk = codec.sent > 0 ? this.#trace.chunks[codec.sent - 1] : null;
        const last = shown.findLast(step => step.lane === 'codec');
        const parts = [];
        const unread = codec.arrived - codec.read;
        parts.push(el('h4', {}, 'The chunk in hand'));
        if (chunk && !codec.ended && unread > 0) {
            parts.push(
                el(
                    'p',
                    {class: 'row'},
                    el('span', {class: 'number'}, String(codec.sent)),
                    this.#cells(codec.read, Math.min(codec.arrived, codec.read + 16), true),
                    el('span', {class: 'note'}, ` ${count(unread, 'byte')} unread`),
                ),
            );
        } else {
            parts.push(el('p', {class: 'row note'}, chunk && !codec.ended ? 'used up' : 'none'));
        }
        parts.push(el('h4', {}, 'The unfinished frame'));
        if (codec.frameStart >= 0 && !codec.ended) {
            const cells = this.#cells(codec.frameStart, codec.read);
            const missing = codec.expected >= 0 ? codec.expected - codec.received : 0;
            for (let i = 0; i < Math.min(missing, 24); i++) cells.append(el('span', {class: 'cell missing'}, '··'));
            if (missing > 24)
                cells.append(el('span', {class: 'note'}, `… ${missing.toLocaleString('en')} bytes missing`));
            parts.push(el('p', {class: 'row', id: 'partial'}, cells));
            parts.push(
                el(
                    'p',
                    {class: 'note'},
                    last?.type === 'whole'
                        ? `whole: ${count(codec.received, 'byte')}`
                        : codec.expected >= 0
                          ? `${codec.received} of ${codec.expected.toLocaleString('en')} bytes`
                          : `${count(codec.received, 'byte')}, its length is not known yet`,
                ),
            );
        } else {
            parts.push(el('p', {class: 'row note', id: 'partial'}, 'none: between two frames'));
        }
        const waits = codec.ended
            ? null
            : last?.type === 'held' || last?.type === 'idle'
              ? 'Waits for demand'
              : codec.waits
                ? `Waits for bytes: ${codec.waits}`
                : null;
        parts.push(
            el(
                'p',
                {class: 'waits', id: 'waits'},
                waits ?? (codec.ended ? 'The stream is over' : shown.length ? 'Reads' : 'Not subscribed yet'),
            ),
        );
        parts.push(el('p', {class: 'note', id: 'held'}, `The operator holds ${count(codec.held, 'byte')}`));
        fill($('decoder'), ...parts);
    }

    #drawSubscriber(codec, frames) {
        const demand = codec.demand < 0 ? '∞' : String(codec.demand);
        fill(
            $('demand'),
            el('span', {class: 'big'}, demand),
            el(
                'span',
                {},
                codec.demand < 0
                    ? 'requested without bound'
                    : codec.demand === 1
                      ? 'frame requested'
                      : 'frames requested',
            ),
            codec.ended &&
                el('span', {class: `ended ${codec.ended}`}, codec.ended === 'complete' ? 'onComplete' : 'onError'),
        );
        const list = $('frames');
        if (frames.length < this.#framesDrawn) {
            fill(list);
            this.#framesDrawn = 0;
        }
        for (; this.#framesDrawn < frames.length; this.#framesDrawn++) {
            const frame = frames[this.#framesDrawn];
            list.append(
                el(
                    'li',
                    {class: 'frame'},
                    el('span', {class: 'number'}, String(frame.index + 1)),
                    el('span', {class: 'text'}, frame.text === '' ? '(empty)' : frame.text),
                    el('code', {}, frame.hex.replace(/(..)(?=.)/g, '$1 ')),
                ),
            );
            list.scrollTop = list.scrollHeight;
        }
        [...list.children].forEach((item, i) => item.classList.toggle('newest', i === frames.length - 1));
    }

    // ---- the decoder in a pipeline, beside it

    #drawPipeline(state, shown) {
        if ($('pipeline-panel').hidden) return;
        if (!this.#trace.hasPipeline) {
            fill($('pipeline'), el('p', {class: 'note'}, 'Netty ships no decoder for this framing.'));
            return;
        }
        const now = state ?? {demand: 0, sent: 0, arrived: 0, queued: 0, queuedBytes: 0, frames: 0};
        const fault = shown.findLast(step => step.fault && step.lane === 'pipeline')?.fault;
        const queue = el('div', {class: 'queue', 'aria-hidden': 'true'});
        for (let i = 0; i < Math.min(now.queued, 120); i++) queue.append(el('span'));
        fill(
            $('pipeline'),
            el(
                'dl',
                {class: 'figures'},
                el('div', {}, el('dt', {}, 'frames in its queue'), el('dd', {id: 'queued'}, String(now.queued))),
                el('div', {}, el('dt', {}, 'chunks read'), el('dd', {}, `${now.sent} of ${this.#trace.chunks.length}`)),
                el('div', {}, el('dt', {}, 'frames delivered'), el('dd', {}, String(now.frames))),
            ),
            queue,
            fault && el('p', {class: 'error'}, el('strong', {}, fault.type), el('code', {}, fault.message)),
        );
    }

    // ---- memory along the run

    #drawCharts(at) {
        const steps = this.#trace.steps;
        if (!this.#chartsFor(steps)) {
            fill($('charts'));
            return;
        }
        for (const chart of $('charts').querySelectorAll('.playhead')) {
            chart.setAttribute('x', String(steps.length ? (at / steps.length) * 600 : 0));
        }
    }

    #charted = null;

    #chartsFor(steps) {
        if (steps.length === 0) return false;
        if (this.#charted === steps) return true;
        this.#charted = steps;
        const charts = [this.#chart('Bytes that the operator holds', steps, step => step.codec?.held)];
        if (this.#trace.hasPipeline && this.#scenario.beside?.pipeline) {
            charts.push(this.#chart('Frames in the pipeline’s queue', steps, step => step.pipeline?.queued));
        }
        fill($('charts'), ...charts);
        return true;
    }

    #chart(title, steps, valueOf) {
        let value = 0;
        const values = steps.map(step => (value = valueOf(step) ?? value));
        const most = Math.max(1, ...values);
        const width = 600;
        const height = 48;
        const points = values
            .map((each, i) => {
                const y = height - 2 - (each / most) * (height - 6);
                return `${((i / steps.length) * width).toFixed(1)},${y.toFixed(1)} ${(((i + 1) / steps.length) * width).toFixed(1)},${y.toFixed(1)}`;
            })
            .join(' ');
        const picture = svg(
            'svg',
            {
                viewBox: `0 0 ${width} ${height}`,
                preserveAspectRatio: 'none',
                role: 'img',
                'aria-label': `${title}, step by step; at most ${Math.max(...values)}`,
            },
            svg('polyline', {points, class: 'line'}),
            svg('rect', {class: 'playhead', x: 0, y: 0, width: 2, height}),
        );
        return el(
            'figure',
            {},
            el('figcaption', {}, title, el('span', {class: 'note'}, ` (at most ${Math.max(...values)})`)),
            picture,
        );
    }

    // ---- all steps as text

    #buildLog() {
        fill(
            $('log'),
            ...this.#trace.steps.map((step, i) =>
                el(
                    'li',
                    {class: step.lane},
                    el('button', {type: 'button', data: {step: i + 1}}, `${step.millis} ms`),
                    ' ',
                    step.text,
                    step.fault && el('code', {}, `${step.fault.type}: ${step.fault.message}`),
                ),
            ),
        );
        if (this.#trace.cut)
            $('log').append(el('li', {class: 'note'}, 'The run was given up here: it has too many steps.'));
    }

    #drawLog(at) {
        const log = $('log');
        log.querySelector('.current')?.classList.remove('current');
        log.children[at - 1]?.classList.add('current');
    }
}
