/** Does the same for each of many, in slices of a few ms: no page has to wait for us. */

'use strict';

{
	const SLICE_MS = 4;

	/** @template T */
	class Turns {
		/** @type {Set<T>} */
		#waiting = new Set();
		/** @type {ReturnType<typeof setTimeout> | undefined} */
		#timer;
		#soon = false;

		/** @param {(one: T) => void} act */
		constructor(act) {
			this.act = act;
		}

		/** The first slice comes in the same task, when it has told all it has to tell. @param {T} one */
		add(one) {
			this.#waiting.add(one);
			if (!this.#soon && this.#timer === undefined) {
				this.#soon = true;
				void Promise.resolve().then(() => this.#slice());
			}
		}

		/** @param {T} one */
		drop(one) {
			this.#waiting.delete(one);
		}

		clear() {
			this.#waiting.clear();
			clearTimeout(this.#timer);
			this.#timer = undefined;
		}

		#slice() {
			[this.#soon, this.#timer] = [false, undefined];
			const end = performance.now() + SLICE_MS;
			for (const one of this.#waiting) {
				this.#waiting.delete(one);
				this.act(one);
				if (performance.now() > end) {
					break;
				}
			}
			if (this.#waiting.size > 0) {
				this.#timer = setTimeout(() => this.#slice());
			}
		}
	}

	touchstone.Turns = Turns;
}
