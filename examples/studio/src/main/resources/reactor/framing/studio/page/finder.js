import {$, el, fill} from './dom.js';
import {find} from './api.js';

/** In how many of 40 other orders a framing may read the same bytes for its reading of them to mean something. */
const MEANS_SOMETHING = 4;

const EXAMPLE = `00000000  10 0e 00 04 4d 51 54 54  04 02 00 3c 00 02 68 69  |....MQTT...<..hi|
00000010  20 02 00 00 30 09 00 03  61 2f 62 68 65 6c 6c c0  | ...0...a/bhell.|
00000020  00                                                |.|`;

/** @param open is told the framing and the bytes that are to be shown on the stage */
export function finder(open) {
    const dump = el('textarea', {id: 'dump', rows: '5', spellcheck: 'false', 'aria-label': 'Bytes, as a hex dump'});
    const result = el('div', {id: 'found', 'aria-live': 'polite'});
    const form = el(
        'form',
        {},
        dump,
        el(
            'div',
            {class: 'buttons'},
            el('button', {type: 'submit', class: 'primary'}, 'Try every framing'),
            el(
                'button',
                {
                    type: 'button',
                    onclick: () => {
                        dump.value = EXAMPLE;
                        form.requestSubmit();
                    },
                },
                'With an example',
            ),
        ),
    );
    form.addEventListener('submit', async event => {
        event.preventDefault();
        fill(result, el('p', {class: 'note'}, 'Trying …'));
        try {
            show(result, await find(dump.value), open);
        } catch (e) {
            fill(result, el('p', {class: 'problem'}, e.message));
        }
    });
    fill($('finder-body'), form, result);
}

function show(result, found, open) {
    const bytes = found.wire.length / 2;
    const means = match => match.shuffles <= MEANS_SOMETHING;
    const whole = found.read.filter(match => match.complete && means(match));
    const best = whole.length ? whole : found.read.filter(means);
    const others = found.read.filter(match => !best.includes(match));
    const rows = matches =>
        matches.map(match =>
            el(
                'li',
                {class: match.complete ? 'match' : 'match cut-off'},
                el(
                    'div',
                    {class: 'match-head'},
                    el('strong', {}, match.label),
                    el('code', {}, match.code),
                    match.format &&
                        el('button', {type: 'button', onclick: () => open(match.format, found.wire)}, 'Show on the stage'),
                ),
                el(
                    'p',
                    {},
                    match.complete
                        ? `Reads all ${bytes} bytes as ${frames(match)}. `
                        : `Reads ${frames(match)}, then the bytes end inside a frame. `,
                    el('span', {class: 'note'}, `With the same bytes in another order: ${match.shuffles} of 40 read.`),
                ),
                el(
                    'p',
                    {class: 'shown'},
                    match.shown.flatMap(text => [el('span', {class: 'chip'}, text === '' ? '(empty)' : text), ' ']),
                    match.frames > match.shown.length && ' …',
                ),
            ),
        );
    fill(
        result,
        el(
            'p',
            {},
            found.read.length === 0
                ? 'No framing of the library reads these bytes from their beginning.'
                : `${found.read.length} of ${found.tried} framings read these bytes, whole or up to a frame that is cut off. What counts is how seldom a framing reads the same bytes in another order: one that always does says nothing.`,
        ),
        best.length
            ? el('ol', {class: 'matches', id: 'best'}, rows(best))
            : el('p', {class: 'note'}, 'None of them says much.'),
        others.length > 0 &&
            el(
                'details',
                {},
                el('summary', {}, `${others.length} more, which say less`),
                el('ol', {class: 'matches'}, rows(others)),
            ),
        found.failed.length > 0 &&
            el(
                'details',
                {},
                el('summary', {}, `Where others fail (${found.failed.length} of ${found.tried - found.read.length})`),
                el(
                    'ul',
                    {class: 'failed'},
                    found.failed.map(match =>
                        el(
                            'li',
                            {},
                            el('code', {}, match.code),
                            ' ',
                            match.frames > 0 && `${frames(match)}, then: `,
                            match.fault ?? 'makes no frame of them',
                        ),
                    ),
                ),
            ),
    );
}

function frames(match) {
    return match.frames === 1 ? '1 frame' : `${match.frames} frames`;
}
