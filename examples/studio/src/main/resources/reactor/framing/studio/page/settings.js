import {$, el, fill} from './dom.js';

const MODES = {
    unbounded: 'all of them: request(∞)',
    batch: 'n at a time',
    slow: 'one at a time, slowly',
    manual: 'by hand',
};

/** Of a framing with many options, the first are shown at once. */
const SHOWN_OPTIONS = 4;

/** The form: shows a scenario, and changes it. The options of the framings are what the server says they are. */
export class Settings {
    #kinds;
    #scenario;
    #onChange;

    constructor(kinds, onChange) {
        this.#kinds = kinds;
        this.#onChange = onChange;
        $('form').addEventListener('submit', event => event.preventDefault());
    }

    show(scenario) {
        this.#scenario = scenario;
        const open = new Set([...$('form').querySelectorAll('details[open]')].map(each => each.id));
        if (open.size === 0) ['set-framing', 'set-input'].forEach(id => open.add(id));
        const focused = document.activeElement?.id;
        fill(
            $('form'),
            this.#group('set-framing', 'Framing', open, this.#framing('framing')),
            this.#group('set-input', 'What is sent', open, this.#input()),
            this.#group('set-demand', 'Demand', open, this.#demand()),
            this.#group('set-faults', 'Faults on the way', open, this.#faults()),
            this.#group('set-policy', 'The codec', open, this.#policy()),
        );
        if (focused) document.getElementById(focused)?.focus();
    }

    problem(message) {
        $('problem').hidden = !message;
        $('problem').textContent = message ?? '';
    }

    #group(id, title, open, children) {
        return el(
            'details',
            {id, open: open.has(id), class: 'group'},
            el('summary', {}, title),
            el('div', {class: 'fields'}, children),
        );
    }

    /** Changes the scenario; the form is drawn anew if other fields belong to it then. */
    #set(change, redraw = false) {
        change(this.#scenario);
        if (redraw) this.show(this.#scenario);
        this.#onChange(this.#scenario);
    }

    // ---- fields

    #field(label, input) {
        return el('label', {class: 'field'}, el('span', {}, label), input);
    }

    #number(id, label, value, min, max, set) {
        return this.#field(
            label,
            el('input', {
                id,
                type: 'number',
                min: String(min),
                max: String(max),
                value: String(value ?? ''),
                oninput: event => {
                    const number = event.target.valueAsNumber;
                    if (Number.isInteger(number) && number >= min && number <= max) set(number);
                },
            }),
        );
    }

    #check(id, label, value, set) {
        return el(
            'label',
            {class: 'field check'},
            el('input', {id, type: 'checkbox', checked: Boolean(value), onchange: event => set(event.target.checked)}),
            el('span', {}, label),
        );
    }

    #select(id, label, value, choices, set) {
        return this.#field(
            label,
            el(
                'select',
                {id, onchange: event => set(event.target.value)},
                Object.entries(choices).map(([each, text]) =>
                    el('option', {value: each, selected: each === value}, text),
                ),
            ),
        );
    }

    #text(id, label, value, set) {
        return this.#field(
            label,
            el('input', {
                id,
                type: 'text',
                value: value ?? '',
                spellcheck: 'false',
                oninput: event => set(event.target.value),
            }),
        );
    }

    // ---- the framing

    #framing(whose) {
        const chosen = this.#scenario[whose];
        const kind = this.#kinds.find(each => each.id === chosen.kind);
        const groups = new Map();
        for (const each of this.#kinds) groups.set(each.group, [...(groups.get(each.group) ?? []), each]);
        const select = el(
            'select',
            {
                id: `${whose}-kind`,
                onchange: event =>
                    this.#set(scenario => {
                        scenario[whose] = {kind: event.target.value, options: {}};
                        if (whose === 'framing') this.#fit(scenario);
                    }, true),
            },
            [...groups].map(([name, kinds]) =>
                el(
                    'optgroup',
                    {label: name},
                    kinds.map(each => el('option', {value: each.id, selected: each.id === chosen.kind}, each.label)),
                ),
            ),
        );
        return [
            this.#field(whose === 'framing' ? 'The receiver reads' : 'The sender writes', select),
            kind && el('p', {class: 'note'}, 'On the wire: ', el('code', {}, kind.picture)),
            ...(kind?.options ?? []).slice(0, SHOWN_OPTIONS).map(option => this.#option(whose, option)),
            kind?.options.length > SHOWN_OPTIONS && this.#more(whose, kind.options.slice(SHOWN_OPTIONS)),
        ];
    }

    #more(whose, options) {
        const used = options.some(option => option.name in (this.#scenario[whose].options ?? {}));
        return el(
            'details',
            {class: 'more', open: used},
            el('summary', {}, 'More options'),
            el(
                'div',
                {},
                options.map(option => this.#option(whose, option)),
            ),
        );
    }

    /** What has been sent may not be what the format carries: then there is an example of the server's. */
    #fit(scenario) {
        const example = this.#kinds.find(each => each.id === scenario.framing.kind)?.example;
        delete scenario.sender;
        if (example) {
            scenario.input = {wire: example};
            scenario.cuts = [];
        } else if (typeof scenario.input?.wire === 'string') {
            scenario.input = {messages: [{text: 'abc'}, {text: 'hi'}, {text: 'ping'}]};
        }
    }

    #option(whose, option) {
        const id = `${whose}-${option.name}`;
        const options = this.#scenario[whose].options ?? {};
        const value = options[option.name] ?? option.initial;
        const set = to =>
            this.#set(scenario => {
                scenario[whose].options = {...scenario[whose].options, [option.name]: to};
                if (to === option.initial) delete scenario[whose].options[option.name];
            });
        switch (option.type) {
            case 'int':
                return this.#number(id, option.label, value, option.min, option.max, set);
            case 'bool':
                return this.#check(id, option.label, value, set);
            case 'choice':
                return this.#select(
                    id,
                    option.label,
                    value,
                    Object.fromEntries(option.choices.map(each => [each, each])),
                    set,
                );
            default:
                return this.#text(id, option.label, value, set);
        }
    }

    // ---- what is sent

    #input() {
        const input = this.#scenario.input ?? {messages: []};
        const raw = typeof input.wire === 'string';
        const fields = [
            this.#select(
                'input-mode',
                'Given as',
                raw ? 'wire' : 'messages',
                {messages: 'messages', wire: 'bytes of the stream'},
                mode =>
                    this.#set(scenario => {
                        scenario.input =
                            mode === 'wire' ? {wire: this.wire ?? ''} : {messages: [{text: 'hello'}, {text: 'world'}]};
                    }, true),
            ),
        ];
        if (raw) {
            fields.push(
                this.#field(
                    'Bytes (hex)',
                    el(
                        'textarea',
                        {
                            id: 'wire',
                            rows: '4',
                            spellcheck: 'false',
                            value: input.wire,
                            oninput: event =>
                                this.#set(scenario => {
                                    scenario.input.wire = event.target.value;
                                }),
                        },
                        input.wire,
                    ),
                ),
            );
            return fields;
        }
        const messages = input.messages ?? [];
        fields.push(
            el(
                'ol',
                {class: 'messages', 'aria-label': 'Messages'},
                messages.map((message, i) => {
                    const isHex = typeof message.hex === 'string';
                    return el(
                        'li',
                        {},
                        el(
                            'select',
                            {
                                id: `message-kind-${i}`,
                                'aria-label': `Message ${i + 1} is given as`,
                                onchange: event =>
                                    this.#set(scenario => {
                                        const value = message.hex ?? message.text ?? '';
                                        scenario.input.messages[i] =
                                            event.target.value === 'hex' ? {hex: toHex(value)} : {text: value};
                                    }, true),
                            },
                            el('option', {value: 'text', selected: !isHex}, 'text'),
                            el('option', {value: 'hex', selected: isHex}, 'hex'),
                        ),
                        el('input', {
                            id: `message-${i}`,
                            type: 'text',
                            'aria-label': `Message ${i + 1}`,
                            spellcheck: 'false',
                            value: message.hex ?? message.text ?? '',
                            oninput: event =>
                                this.#set(scenario => {
                                    scenario.input.messages[i] = isHex
                                        ? {hex: event.target.value}
                                        : {text: event.target.value};
                                }),
                        }),
                        el(
                            'button',
                            {
                                type: 'button',
                                'aria-label': `Remove message ${i + 1}`,
                                onclick: () =>
                                    this.#set(scenario => {
                                        scenario.input.messages.splice(i, 1);
                                    }, true),
                            },
                            '✕',
                        ),
                    );
                }),
            ),
            el(
                'div',
                {class: 'buttons'},
                el(
                    'button',
                    {
                        type: 'button',
                        id: 'message-add',
                        onclick: () =>
                            this.#set(scenario => {
                                scenario.input.messages = [...messages, {text: 'more'}];
                            }, true),
                    },
                    'Add a message',
                ),
            ),
            el('p', {class: 'note'}, 'Text takes \\n \\r \\t \\0 \\\\ and \\xHH.'),
            this.#check('other-sender', 'The sender uses another framing', this.#scenario.sender, on =>
                this.#set(scenario => {
                    if (on) scenario.sender = structuredClone(scenario.framing);
                    else delete scenario.sender;
                }, true),
            ),
        );
        if (this.#scenario.sender) fields.push(el('div', {class: 'nested'}, this.#framing('sender')));
        return fields;
    }

    // ---- demand, faults, policy

    #demand() {
        const demand = this.#scenario.demand ?? {mode: 'unbounded'};
        const set = (change, redraw) =>
            this.#set(scenario => {
                scenario.demand = {...demand, ...scenario.demand, ...change};
            }, redraw);
        return [
            this.#select('demand-mode', 'The subscriber requests', demand.mode ?? 'unbounded', MODES, mode =>
                this.#set(scenario => {
                    scenario.demand = {mode, n: 2, millis: 500, plan: []};
                }, true),
            ),
            demand.mode === 'batch' &&
                this.#number('demand-n', 'Frames at a time', demand.n ?? 1, 1, 10000, n => set({n})),
            demand.mode === 'slow' &&
                this.#number('demand-millis', 'Works on a frame for (ms)', demand.millis ?? 0, 0, 60000, millis =>
                    set({millis}),
                ),
            this.#check(
                'beside-pipeline',
                'Beside it: Netty’s decoder in a pipeline',
                this.#scenario.beside?.pipeline,
                pipeline =>
                    this.#set(scenario => {
                        scenario.beside = {...scenario.beside, pipeline};
                    }),
            ),
        ];
    }

    #faults() {
        const faults = this.#scenario.faults ?? {};
        const set = change =>
            this.#set(scenario => {
                scenario.faults = {...scenario.faults, ...change};
            });
        const damage = faults.damage ?? [];
        return [
            el(
                'p',
                {class: 'note'},
                damage.length === 0
                    ? 'Damage a byte: choose it in the stream and press “Damage it”.'
                    : `Damaged: ${damage.map(each => `byte ${each.at} is ${each.value.toString(16).padStart(2, '0')}`).join(', ')}.`,
            ),
            damage.length > 0 &&
                el(
                    'div',
                    {class: 'buttons'},
                    el(
                        'button',
                        {
                            type: 'button',
                            onclick: () =>
                                this.#set(scenario => {
                                    scenario.faults.damage = [];
                                }, true),
                        },
                        'Mend all',
                    ),
                ),
            this.#number('cut-end', 'Bytes missing at the end', faults.cutEnd ?? 0, 0, 2048, cutEnd => set({cutEnd})),
            this.#number(
                'stall-before',
                'The sender stalls before chunk (0: never)',
                (faults.stallBefore ?? -1) + 1,
                0,
                2048,
                number => set({stallBefore: number - 1}),
            ),
            this.#number(
                'stall-millis',
                'For how long (ms; 0: for ever)',
                faults.stallMillis ?? 0,
                0,
                600000,
                stallMillis => set({stallMillis}),
            ),
        ];
    }

    #policy() {
        const policy = this.#scenario.policy ?? {};
        const set = change =>
            this.#set(scenario => {
                scenario.policy = {...scenario.policy, ...change};
            });
        return [
            this.#field(
                'maxFrameLength (bytes; empty: 8 MiB)',
                el('input', {
                    id: 'max-frame-length',
                    type: 'number',
                    min: '1',
                    max: '2147483647',
                    value:
                        policy.maxFrameLength === undefined || policy.maxFrameLength === null
                            ? ''
                            : String(policy.maxFrameLength),
                    oninput: event => {
                        const number = event.target.valueAsNumber;
                        if (event.target.value === '') set({maxFrameLength: null});
                        else if (Number.isInteger(number) && number > 0 && number < 2 ** 31)
                            set({maxFrameLength: number});
                    },
                }),
            ),
            this.#check('skip-invalid', 'skipInvalid: pass over what is bad', policy.skipInvalid, skipInvalid =>
                set({skipInvalid}),
            ),
            this.#number(
                'frame-timeout',
                'frameTimeout (ms; 0: none)',
                policy.frameTimeoutMillis ?? 0,
                0,
                600000,
                frameTimeoutMillis => set({frameTimeoutMillis}),
            ),
        ];
    }
}

function toHex(text) {
    return [...new TextEncoder().encode(text)].map(each => each.toString(16).padStart(2, '0')).join(' ');
}
