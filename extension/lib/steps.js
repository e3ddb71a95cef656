/** The steps from here to a server that may be spoken to, and the one that fails. Pure. */

/** @typedef {import('./server.js').State} State */
/** @typedef {'passed' | 'failed' | 'open'} Result */

const STEPS = /** @type {const} */ (['permission', 'answer', 'touchstone', 'version', 'pairing']);
/** @type {{[state in State]: typeof STEPS[number] | null}} */
const FAILS_AT = {
	no_permission: 'permission', away: 'answer', silent: 'answer', other_program: 'touchstone', too_old: 'version', unpaired: 'pairing', ready: null,
};

/** Each step with its result: all before the one that fails have passed, none after it was tried. @param {State} state */
export function stepsTo(state) {
	const failing = FAILS_AT[state];
	const at = failing ? STEPS.indexOf(failing) : STEPS.length;
	return STEPS.map((step, place) => ({step, result: /** @type {Result} */ (place < at ? 'passed' : place === at ? 'failed' : 'open')}));
}
