/** The state as a link: the scenario and the step, in the address behind the #. */

export function encode(state) {
    const bytes = new TextEncoder().encode(JSON.stringify(state));
    let binary = '';
    for (const byte of bytes) binary += String.fromCharCode(byte);
    return 's=' + btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** The state in a fragment: {scenario, step, lesson}; null if there is none that can be read. */
export function decode(fragment) {
    const text = fragment.replace(/^#/, '');
    if (text.startsWith('lesson=')) return {lesson: text.slice(7), step: 0};
    if (!text.startsWith('s=')) return null;
    try {
        const binary = atob(text.slice(2).replaceAll('-', '+').replaceAll('_', '/'));
        const state = JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, c => c.charCodeAt(0))));
        return state && typeof state === 'object' && state.scenario ? state : null;
    } catch {
        return null;
    }
}
