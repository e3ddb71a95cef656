/** Shows a pairing code on demand, and the browsers that are paired. */

import {fill} from '/catalogue/words.js';
import {call} from './api.js';
import {make} from './results.js';
import {texts} from './texts.js';

const output = /** @type {HTMLOutputElement} */ (document.querySelector('#code'));
const note = /** @type {HTMLElement} */ (document.querySelector('#code-note'));
const list = /** @type {HTMLElement} */ (document.querySelector('#paired'));
/** @type {number | undefined} */
let poll;

/** Wire the button; a code is opened only when a person asks. */
export function startPairing() {
	document.querySelector('#open-code')?.addEventListener('click', openCode);
}

/** Write the list of paired browsers. */
export async function showPaired() {
	const {tokens} = await call('GET', '/v1/tokens');
	list.replaceChildren(...tokens.map(entry));
	return tokens.length;
}

/** @param {{id: string, client: string, made: number}} token */
function entry(token) {
	const made = new Date(token.made * 1000).toLocaleString(document.documentElement.lang);
	const button = make('button', '', texts('web_revoke'));
	button.setAttribute('aria-label', `${texts('web_revoke')}: ${token.client}, ${made}`);
	button.addEventListener('click', async () => {
		await call('DELETE', `/v1/tokens/${token.id}`);
		await showPaired();
	});
	return make('li', '', `${token.client || '?'}, ${made} `, button);
}

async function openCode() {
	const before = list.children.length;
	const {code, expires_in: seconds} = await call('POST', '/v1/pairing');
	output.textContent = code;
	note.textContent = fill(texts, 'web_code_note', {minutes: Math.round(seconds / 60)});
	const end = Date.now() + seconds * 1000;
	clearInterval(poll);
	poll = setInterval(async () => {
		const paired = await showPaired() > before;
		if (paired || Date.now() > end) {
			clearInterval(poll);
			output.textContent = '';
			note.textContent = texts(paired ? 'popup_paired' : 'error_pairing_code_expired');
		}
	}, 2000);
}
