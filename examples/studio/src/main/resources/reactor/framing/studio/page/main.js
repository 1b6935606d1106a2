import {$, count, el, fill} from './dom.js';
import * as api from './api.js';
import * as link from './link.js';
import {Player} from './player.js';
import {Stage} from './stage.js';
import {Cuts} from './cuts.js';
import {Settings} from './settings.js';
import {question} from './question.js';
import {finder} from './finder.js';

const SPEEDS = ['0.5', '1', '2.5', '8'];

const stage = new Stage();
const player = new Player(
    at => {
        stage.draw(at);
        keepLink();
    },
    playing => {
        $('play-label').textContent = playing ? 'Pause' : 'Play';
        $('play').classList.toggle('playing', playing);
    },
);
let scenario = null;
let trace = null;
let lesson = null;
let lessons = [];
let settings = null;

// ---- running

let latest = 0;

/** Has the server run the scenario. Answers that have been overtaken are thrown away. */
async function run(at = 0) {
    const mine = ++latest;
    try {
        const answer = await api.run(scenario);
        if (mine !== latest) return false;
        trace = answer;
        settings.problem(null);
        settings.wire = trace.wire;
        stage.load(trace, scenario);
        player.load(trace.steps, typeof at === 'function' ? at(trace) : at);
        document.body.dataset.ready = String(mine);
        return true;
    } catch (e) {
        if (mine === latest) settings.problem(e.message);
        return false;
    }
}

let pending = null;

function changed() {
    lesson = null;
    describe();
    player.pause();
    clearTimeout(pending);
    pending = setTimeout(() => run(), 150);
}

function open(next, at = 0, from = null) {
    scenario = structuredClone(next);
    lesson = from;
    describe();
    settings.show(scenario);
    return run(at);
}

function describe() {
    for (const button of $('lessons').querySelectorAll('button')) {
        if (button.dataset.lesson === lesson?.id) button.setAttribute('aria-current', 'true');
        else button.removeAttribute('aria-current');
    }
    $('stage-title').textContent = lesson?.title ?? 'Your own';
    $('watch').textContent =
        lesson?.watch ?? 'Change the framing, the messages, the cuts, the demand, and see what becomes of it.';
}

// ---- the link

let linkTimer = null;

function keepLink() {
    clearTimeout(linkTimer);
    linkTimer = setTimeout(() => history.replaceState(null, '', '#' + fragment()), 200);
}

function fragment() {
    const untouched = lesson && JSON.stringify(lesson.scenario) === JSON.stringify(scenario);
    return untouched && player.at === 0 ? `lesson=${lesson.id}` : link.encode({scenario, step: player.at});
}

async function follow() {
    const state = link.decode(location.hash);
    const known = lessons.find(each => each.id === state?.lesson);
    if (state?.scenario) {
        if (await open(state.scenario, Number.isInteger(state.step) ? state.step : 0)) return;
        const problem = $('problem').textContent;
        await open(lessons[0].scenario, 0, lessons[0]);
        settings.problem(`This link does not work: ${problem}`);
        return;
    }
    const first = known ?? lessons[0];
    await open(first.scenario, 0, first);
}

// ---- what the page offers

function buildLessons() {
    const groups = new Map();
    for (const each of lessons) groups.set(each.group, [...(groups.get(each.group) ?? []), each]);
    fill(
        $('lessons'),
        ...[...groups].map(([name, members]) =>
            el(
                'div',
                {class: 'lesson-group'},
                el('h2', {}, name),
                el(
                    'div',
                    {class: 'lesson-list'},
                    members.map(each =>
                        el(
                            'button',
                            {
                                type: 'button',
                                data: {lesson: each.id},
                                onclick: () => open(each.scenario, 0, each),
                            },
                            each.title,
                        ),
                    ),
                ),
            ),
        ),
    );
}

function buildCuts() {
    const change = async (cuts, goOnWith) => {
        lesson = null;
        describe();
        scenario.cuts = cuts;
        if ((await run()) && goOnWith !== undefined) document.querySelector(`.cut[data-cut="${goOnWith}"]`)?.focus();
    };
    new Cuts(
        stage,
        () => trace.chunks.slice(1).map(([from]) => from),
        change,
        at => {
            const damage = scenario.faults?.damage ?? [];
            const isDamaged = damage.some(each => each.at === at);
            const value = parseInt(trace.wire.slice(2 * at, 2 * at + 2), 16) ^ 0xff;
            scenario.faults = {
                ...scenario.faults,
                damage: isDamaged ? damage.filter(each => each.at !== at) : [...damage, {at, value}],
            };
            lesson = null;
            describe();
            settings.show(scenario);
            run();
        },
    );
}

function buildTransport() {
    $('play').addEventListener('click', () => player.toggle());
    $('step').addEventListener('click', () => player.step());
    $('back').addEventListener('click', () => player.back());
    $('to-start').addEventListener('click', () => {
        player.pause();
        player.goTo(0);
    });
    $('to-end').addEventListener('click', () => {
        player.pause();
        player.goTo(player.length);
    });
    $('position').addEventListener('input', event => {
        player.pause();
        player.goTo(event.target.valueAsNumber);
    });
    $('speed').addEventListener('change', event => {
        player.speed = Number(event.target.value);
    });
    $('log').addEventListener('click', event => {
        const step = event.target.closest('[data-step]');
        if (step) {
            player.pause();
            player.goTo(Number(step.dataset.step));
        }
    });
    $('by-hand').addEventListener('click', event => {
        const n = event.target.dataset.request;
        if (n === undefined) return;
        const before = trace.steps.length;
        scenario.demand = {...scenario.demand, plan: [...(scenario.demand.plan ?? []), Number(n)]};
        // what came before is the same, so it goes on from there
        run(() => before).then(done => {
            if (done && player.length > before) player.play();
        });
    });
}

function faster(by) {
    const at = Math.max(0, Math.min(SPEEDS.length - 1, SPEEDS.indexOf($('speed').value) + by));
    $('speed').value = SPEEDS[at];
    player.speed = Number(SPEEDS[at]);
}

function buildKeys() {
    const keys = {
        ' ': () => player.toggle(),
        ArrowRight: () => player.step(),
        ArrowLeft: () => player.back(),
        Home: () => {
            player.pause();
            player.goTo(0);
        },
        End: () => {
            player.pause();
            player.goTo(player.length);
        },
        '+': () => faster(1),
        '-': () => faster(-1),
        '?': () => $('help').showModal(),
    };
    document.addEventListener('keydown', event => {
        if (event.ctrlKey || event.metaKey || event.altKey || $('help').open) return;
        const within = event.target.closest('input, select, textarea, summary, [role=region]');
        const pressed = event.target.closest('button, a') && event.key === ' ';
        if (within || pressed || !keys[event.key]) return;
        event.preventDefault();
        keys[event.key]();
    });
    $('help-open').addEventListener('click', () => $('help').showModal());
}

function buildTheme() {
    const themes = [
        ['', '◐ Auto', 'as the system has them'],
        ['light', '☀ Light', 'light'],
        ['dark', '☾ Dark', 'dark'],
    ];
    let at = Math.max(
        0,
        themes.findIndex(([name]) => name === stored('theme')),
    );
    const show = () => {
        const [name, text, label] = themes[at];
        if (name) document.documentElement.dataset.theme = name;
        else delete document.documentElement.dataset.theme;
        $('theme').textContent = text;
        $('theme').setAttribute('aria-label', `Colours: ${label}`);
    };
    $('theme').addEventListener('click', () => {
        at = (at + 1) % themes.length;
        store('theme', themes[at][0]);
        show();
    });
    show();
}

function stored(name) {
    try {
        return localStorage.getItem(name) ?? '';
    } catch {
        return '';
    }
}

function store(name, value) {
    try {
        localStorage.setItem(name, value);
    } catch {
        /* a browser may forbid it */
    }
}

async function copy(button, text) {
    const label = button.textContent;
    try {
        await navigator.clipboard.writeText(text);
        button.textContent = 'Copied';
    } catch {
        button.textContent = 'Copy it from the address';
    }
    setTimeout(() => {
        button.textContent = label;
    }, 1500);
}

function buildCopy() {
    $('copy-link').addEventListener('click', () => {
        history.replaceState(null, '', '#' + fragment());
        copy($('copy-link'), location.href);
    });
    $('copy-code').addEventListener('click', () => copy($('copy-code'), $('code').textContent));
}

function buildMeasure() {
    $('measure').addEventListener('click', async () => {
        try {
            const figures = await api.measure();
            fill(
                $('measured'),
                el(
                    'div',
                    {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'What was measured'},
                    el(
                        'table',
                        {},
                        el(
                            'thead',
                            {},
                            el(
                                'tr',
                                {},
                                [
                                    'After request(1)',
                                    'Delivered',
                                    'Decoded frames in a queue',
                                    'Bytes of the chunk held',
                                ].map(each => el('th', {scope: 'col'}, each)),
                            ),
                        ),
                        el(
                            'tbody',
                            {},
                            el(
                                'tr',
                                {},
                                el('th', {scope: 'row'}, 'codec.decode'),
                                el('td', {}, String(figures.codecDelivered)),
                                el('td', {id: 'codec-queued'}, String(figures.codecQueued)),
                                el('td', {}, count(figures.codecHeld, 'byte')),
                            ),
                            el(
                                'tr',
                                {},
                                el('th', {scope: 'row'}, 'Netty’s decoder in the pipeline'),
                                el('td', {}, String(figures.pipelineDelivered)),
                                el('td', {id: 'pipeline-queued'}, figures.pipelineQueued.toLocaleString('en')),
                                el('td', {}, 'all, as frames'),
                            ),
                        ),
                    ),
                ),
            );
        } catch (e) {
            fill($('measured'), el('p', {class: 'problem'}, e.message));
        }
    });
}

async function start() {
    buildTheme();
    buildTransport();
    buildKeys();
    buildCopy();
    buildMeasure();
    question(() => scenario);
    finder((format, wire) => {
        open({framing: format, input: {wire}, cuts: []});
        $('stage').scrollIntoView();
        $('stage').focus();
    });
    const [kinds, all] = await Promise.all([api.catalogue(), api.lessons()]);
    lessons = all;
    settings = new Settings(kinds, changed);
    buildLessons();
    buildCuts();
    await follow();
    window.addEventListener('hashchange', follow);
    api.stayAlive();
}

start().catch(e => {
    $('problem').hidden = false;
    $('problem').textContent = e.message;
});
