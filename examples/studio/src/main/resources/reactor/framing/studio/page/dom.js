/** Makes elements. Text always goes in as text, so nothing from outside becomes markup. */
export function el(tag, props = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(props)) {
        if (value === undefined || value === null || value === false) continue;
        if (name === 'class') node.className = value;
        else if (name === 'data') Object.assign(node.dataset, value);
        else if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
        else if (name in node && typeof value !== 'string') node[name] = value;
        else node.setAttribute(name, value === true ? '' : value);
    }
    node.append(...present(children));
    return node;
}

function present(children) {
    return children.flat().filter(child => child !== null && child !== undefined && child !== false);
}

/** Replaces what a node has; what is null, undefined or false is left out. */
export function fill(node, ...children) {
    node.replaceChildren(...present(children));
}

const SVG = 'http://www.w3.org/2000/svg';

export function svg(tag, props = {}, ...children) {
    const node = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(props)) node.setAttribute(name, value);
    node.append(...children);
    return node;
}

export const $ = id => document.getElementById(id);

export function count(n, what) {
    return `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;
}

/** Sets text only where it changes, so that live regions speak once. */
export function setText(node, text) {
    if (node.textContent !== text) node.textContent = text;
}

export function hexOf(bytes, at) {
    return bytes.slice(2 * at, 2 * at + 2);
}

export function charOf(hex) {
    const code = parseInt(hex, 16);
    const named = {9: '\\t', 10: '\\n', 13: '\\r', 32: 'sp'}[code];
    return named ?? (code > 32 && code < 127 ? String.fromCharCode(code) : '·');
}
