/** What weighs how much: the order of evidence, and an estimate that did not decide. Pure. */

/** A proof goes before a declaration, this before an estimate; among equals what decided is first. @param {any} evidence @param {any} verdict */
export function worth({strength, code}, verdict) {
	return 2 * ['estimate', 'declaration', 'proof'].indexOf(strength) + Number(code === verdict.code);
}

/** Why the estimate did not decide. @param {{label: string, held?: boolean}} verdict */
export function beside({label, held}) {
	return held ? 'card_estimate_held' : label === 'unlabeled' ? 'card_estimate_quiet' : 'card_estimate_beside';
}
