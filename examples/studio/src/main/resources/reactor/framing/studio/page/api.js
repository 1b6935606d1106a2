/** What the server is asked. */

async function answer(response) {
    const body = await response.json().catch(() => ({error: `the server answered ${response.status}`}));
    if (!response.ok) throw new Error(body.error ?? `the server answered ${response.status}`);
    return body;
}

async function post(path, value) {
    let response;
    try {
        response = await fetch(path, {
            method: 'POST',
            headers: {'Content-Type': 'application/json'},
            body: JSON.stringify(value),
        });
    } catch {
        throw new Error('The studio’s server does not answer. Has it ended?');
    }
    return answer(response);
}

export const catalogue = () => fetch('api/catalogue').then(answer);
export const lessons = () => fetch('lessons.json').then(answer);
export const run = scenario => post('api/run', scenario);
export const find = dump => post('api/find', {dump});
export const measure = () => post('api/pressure', {});

/** The server ends when no page is open for long: an open page says that it is there. */
export function stayAlive() {
    setInterval(() => {
        if (document.visibilityState === 'visible') fetch('api/alive').catch(() => {});
    }, 60_000);
}
