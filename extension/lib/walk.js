/** The order in which the command goes from badge to badge through all frames of a tab. */

/**
 * Move the focus to the next badge: within the frame that has it, then frame by frame, then anew.
 * @param {number[]} frames in their order
 * @param {(frame: number, go: 'on' | 'first') => Promise<'moved' | 'end' | 'none' | null>} step
 */
export async function nextBadge(frames, step) {
	let start = 0;
	for (const [at, frame] of frames.entries()) {
		const answer = await step(frame, 'on');
		if (answer === 'moved') {
			return;
		}
		if (answer === 'end') {
			start = at + 1;
		}
	}
	for (const frame of [...frames.slice(start), ...frames.slice(0, start)]) {
		if (await step(frame, 'first') === 'moved') {
			return;
		}
	}
}
