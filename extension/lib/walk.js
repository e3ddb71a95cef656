/** The order in which the command goes from badge to badge through all frames of a tab. */

/**
 * Move the focus to the next badge: within the frame that has it, then frame by frame, then anew.
 * @param {number[]} frames in their order
 * @param {(frame: number, go: 'on' | 'first') => Promise<'moved' | 'end' | 'none' | null>} step
 * @returns {Promise<boolean>} whether no badge had the focus before: a walk begins, or there is no badge to go to
 */
export async function nextBadge(frames, step) {
	let [start, walking] = [0, false];
	for (const [at, frame] of frames.entries()) {
		const answer = await step(frame, 'on');
		if (answer === 'moved') {
			return false;
		}
		if (answer === 'end') {
			[start, walking] = [at + 1, true];
		}
	}
	for (const frame of [...frames.slice(start), ...frames.slice(0, start)]) {
		if (await step(frame, 'first') === 'moved') {
			return !walking;
		}
	}
	return true;
}
