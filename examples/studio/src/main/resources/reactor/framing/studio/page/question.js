import {$, count, el, fill} from './dom.js';
import {run} from './api.js';

/** Three messages in two chunks: the first has two of them, and the beginning of the third. */
const SCENARIO = {
    framing: {kind: 'lengthField', options: {size: 1}},
    input: {messages: [{text: 'abc'}, {text: 'hi'}, {text: 'ping'}]},
    cuts: [9],
    beside: {noLoop: true},
};

const ANSWERS = [
    [
        'nothing',
        'Nothing. What is left over is read with the next chunk.',
        'It is read with the next chunk, but only one frame of it. If no chunk follows, it is never read.',
    ],
    ['order', 'The frames come in another order.', 'They come in order. The trouble is when they come, and whether.'],
    [
        'late',
        'Frames wait for chunks that have nothing to do with them, and the last ones may never come.',
        'A chunk with two frames leaves one behind. It goes out when the next chunk arrives, and keeps the one after it waiting. When no more chunk comes, what is left stays in the buffer.',
    ],
    ['lost', 'The rest of the chunk is thrown away.', 'It is kept. It is just that nobody looks at it.'],
];

/** @param own tells the scenario on the stage */
export function question(own) {
    const form = el(
        'form',
        {class: 'answers'},
        el(
            'fieldset',
            {},
            el('legend', {class: 'visually-hidden'}, 'What goes wrong?'),
            ANSWERS.map(([id, text]) =>
                el('label', {}, el('input', {type: 'radio', name: 'answer', value: id, required: true}), text),
            ),
        ),
        el('button', {type: 'submit', class: 'primary'}, 'Run both decoders'),
    );
    const result = el('div', {id: 'answer', 'aria-live': 'polite'});
    const runOwn = el(
        'button',
        {
            type: 'button',
            id: 'run-own',
            onclick: async () => {
                try {
                    const trace = await run({...own(), beside: {noLoop: true}});
                    fill(result, el('p', {}, 'The stream on the stage, as both decoders read it:'), table(trace));
                } catch (e) {
                    fill(result, el('p', {class: 'problem'}, e.message));
                }
            },
        },
        'Run both on the stream of the stage',
    );
    form.addEventListener('submit', async event => {
        event.preventDefault();
        const [id, , why] = ANSWERS.find(([each]) => each === new FormData(form).get('answer'));
        try {
            const trace = await run(SCENARIO);
            fill(
                result,
                el(
                    'p',
                    {class: id === 'late' ? 'right' : 'wrong'},
                    el('strong', {}, id === 'late' ? '✓ Right. ' : '✗ Not quite. '),
                    why,
                ),
                table(trace),
                runOwn,
            );
        } catch (e) {
            fill(result, el('p', {class: 'problem'}, e.message));
        }
    });
    fill($('question-body'), form, result);
}

function table(trace) {
    const {rows, left} = trace.noLoop;
    const frames = list => (list.length ? list.flatMap(each => [el('span', {class: 'chip'}, each), ' ']) : '–');
    return el(
        'div',
        {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Both decoders, chunk by chunk'},
        el(
            'table',
            {},
            el(
                'thead',
                {},
                el(
                    'tr',
                    {},
                    ['Chunk', 'Bytes', 'With the loop', 'Without it', 'Left in its buffer'].map(each =>
                        el('th', {scope: 'col'}, each),
                    ),
                ),
            ),
            el(
                'tbody',
                {},
                rows.map((row, i) => {
                    const [from, to] = trace.chunks[i];
                    return el(
                        'tr',
                        {},
                        el('th', {scope: 'row'}, String(i + 1)),
                        el('td', {}, el('code', {}, trace.wire.slice(2 * from, 2 * to).replace(/(..)(?=.)/g, '$1 '))),
                        el('td', {}, frames(row.withLoop)),
                        el('td', {}, frames(row.without)),
                        el(
                            'td',
                            {},
                            row.left === 0 ? 'nothing' : count(row.left, 'byte'),
                            row.fault && el('code', {}, row.fault),
                        ),
                    );
                }),
            ),
        ),
        el(
            'p',
            {},
            left > 0
                ? `No chunk follows. In the buffer of the decoder without the loop lie ${count(left, 'byte')}: ${trace.noLoop.withLoop - trace.noLoop.without} of ${trace.noLoop.withLoop} messages never came.`
                : 'Nothing is left in either buffer: no chunk of this stream ends more than one frame, or enough chunks followed.',
        ),
    );
}
