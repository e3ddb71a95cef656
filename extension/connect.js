/** The way to the server, on popup, welcome page and options: its state, what to do next, a test of each step, code, address. */

import {serverRight} from './lib/access.js';
import {browser} from './lib/browser.js';
import {make, write} from './lib/elements.js';
import {ask} from './lib/messages.js';
import {stepsTo} from './lib/steps.js';
import {fill} from './lib/words.js';

/** @typedef {import('./lib/server.js').State} State */

const MARKS = {passed: '✓', failed: '✗', open: '–'};

const texts = (/** @type {string} */ key) => browser.i18n.getMessage(key);
const $ = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

let address = '';

/** @param {() => Promise<void>} again brings the page up to date */
export function startConnection(again) {
	submitted('pairing', () => pair().then(again));
	submitted('advanced', () => save().then(again));
	$('test')?.addEventListener('click', () => void test().then(again));
	$('allow-server').addEventListener('click', () => {
		// First, and not after an await: the browser asks only at once after the click.
		void browser.permissions.request(serverRight(address)).then(again);
	});
}

/** @param {{state: State, address: string, fixed: string[]}} status */
export function showConnection(status) {
	const {state, fixed} = status;
	address = status.address;
	write($('state'), texts(`server_${state}`));
	write($('step'), fill(texts, `server_${state}_step`, {address}));
	$('light').dataset.state = state;
	$('allow-server').hidden = state !== 'no_permission';
	$('pairing').hidden = state !== 'unpaired';
	if (document.activeElement !== $('address') && (!$('address').value || fixed.includes('address'))) {
		$('address').value = address;
	}
	$('advanced').querySelectorAll('input, button').forEach((/** @type {any} */ control) => {
		control.disabled = fixed.includes('address');
	});
	if (fixed.includes('address')) {
		write($('address-answer'), texts('fixed'));
	}
}

/** Try each step anew, and say which one fails. */
async function test() {
	write($('test-answer'), '');
	$('test').disabled = true;
	const {state, address: tried} = await ask('test');
	const steps = stepsTo(state);
	$('steps').replaceChildren(...steps.map(({step, result}) => make('li', result,
		make('span', 'mark', MARKS[result]), ' ', make('span', '', texts(`step_${step}`)), ' ', make('span', 'result', texts(`step_${result}`)))));
	$('steps').hidden = false;
	const [what, how] = [texts(`server_${state}`), fill(texts, `server_${state}_step`, {address: tried})];
	write($('test-answer'), state === 'ready' ? texts('test_passed') : fill(texts, 'test_failed', {what, how}));
	$('test').disabled = false;
}

async function pair() {
	const digits = $('code').value.replace(/\D/g, '');
	if (digits.length !== 8) {
		write($('pairing-answer'), texts('popup_code_digits'));
		return;
	}
	const button = $('pairing').querySelector('button');
	button.disabled = true;
	write($('pairing-answer'), '');
	try {
		await ask('pair', {code: digits});
		$('code').value = '';
	} catch (error) {
		const code = /** @type {Error} */ (error).message;
		write($('pairing-answer'), texts(`error_${code}`) || texts(`server_${code}`) || fill(texts, 'error_unknown', {code}));
		$('code').select();
	}
	button.disabled = false;
}

async function save() {
	const saved = await ask('address', {address: $('address').value});
	write($('address-answer'), saved ? '' : texts('popup_address_wrong'));
	if (saved) {
		$('address').value = saved;
	}
}

/** @param {string} id @param {() => Promise<void>} act */
function submitted(id, act) {
	$(id).addEventListener('submit', (/** @type {Event} */ event) => {
		event.preventDefault();
		void act();
	});
}
