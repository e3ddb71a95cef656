import assert from 'node:assert/strict';
import {test} from 'node:test';

import {nextBadge} from '../../extension/lib/walk.js';

/** Frames with so many badges each, as content/keyboard.js answers for them. @param {Record<number, number>} counts */
function frames(counts) {
	/** @type {[number, number] | null} */
	let focus = null;
	const step = async (frame, go) => {
		const at = focus?.[0] === frame ? focus[1] : -1;
		if (at < 0 && go === 'on') {
			return 'none';
		}
		const next = go === 'first' ? 0 : at + 1;
		if (next < counts[frame]) {
			focus = [frame, next];
			return 'moved';
		}
		return at < 0 ? 'none' : 'end';
	};
	return {step, where: () => focus};
}

/** @param {Record<number, number>} counts @param {number} presses */
async function walk(counts, presses) {
	const {step, where} = frames(counts);
	const seen = [];
	for (let i = 0; i < presses; i++) {
		await nextBadge(Object.keys(counts).map(Number), step);
		seen.push(where());
	}
	return seen;
}

test('from badge to badge, from frame to frame, and anew', async () => {
	assert.deepEqual(await walk({0: 2, 5: 0, 7: 1}, 4), [[0, 0], [0, 1], [7, 0], [0, 0]]);
	assert.deepEqual(await walk({0: 0, 5: 2}, 3), [[5, 0], [5, 1], [5, 0]]);
	assert.deepEqual(await walk({0: 1}, 2), [[0, 0], [0, 0]], 'one badge keeps it');
});

test('no badge, no frame, and a frame that does not answer', async () => {
	assert.deepEqual(await walk({0: 0}, 1), [null]);
	assert.deepEqual(await walk({}, 1), [null]);
	const {step, where} = frames({3: 1});
	await nextBadge([0, 3], async (frame, go) => frame ? step(frame, go) : null);
	assert.deepEqual(where(), [3, 0]);
});

test('the counts are told when a walk begins, and where there is nothing to go to; not at each step', async () => {
	const {step} = frames({0: 1, 5: 1});
	const began = [];
	for (let at = 0; at < 3; at++) {
		began.push(await nextBadge([0, 5], step));
	}
	assert.deepEqual(began, [true, false, false], 'nor when it goes on in the next frame, or anew');
	assert.equal(await nextBadge([0], frames({0: 0}).step), true);
});
