/** Visits the elements of a page in slices of idle time: what was added, what got other styles, now and then all. */

'use strict';

{
	// What may be done at once without a page noticing.
	const SLICE_MS = 4;
	// A style that an animation writes at each frame is looked at now and then; of a large part, the beginning.
	const RESTYLED_MS = 600;
	const RESTYLED_MOST = 300;

	class Walk {
		/** @type {Set<Node>} */
		#added = new Set();
		/** @type {Set<Element>} */
		#restyled = new Set();
		/** @type {{elements: Element[], at: number, styles: boolean}[]} */
		#lists = [];
		#scheduled = false;
		/** @type {ReturnType<typeof setTimeout> | undefined} */
		#restyling;

		/**
		 * @param {(element: Element, styles: boolean) => void} visit `styles`: also what only a style draws is looked for
		 * @param {AbortSignal} signal
		 */
		constructor(visit, signal) {
			this.visit = visit;
			this.signal = signal;
			signal.addEventListener('abort', () => {
				clearTimeout(this.#restyling);
				this.#restyling = undefined;
				this.#lists = [];
				this.#added.clear();
			});
		}

		/** Whether nothing is left to visit. */
		get done() {
			return this.#lists.length === 0 && this.#added.size === 0;
		}

		/** @param {Iterable<Node>} nodes */
		add(nodes) {
			for (const node of nodes) {
				this.#added.add(node);
			}
			this.#schedule();
		}

		/** A style of an element may be about all that is in it; of the whole page if it is the root. @param {Element} element */
		restyle(element) {
			this.#restyled.add(element);
			this.#restyling ??= setTimeout(() => {
				this.#restyling = undefined;
				const parts = [...this.#restyled];
				this.#restyled.clear();
				for (const part of parts) {
					const most = part === document.documentElement ? undefined : RESTYLED_MOST;
					this.#list([part, ...part.querySelectorAll('*')].slice(0, most), true);
				}
			}, RESTYLED_MS);
		}

		/** Visit all that a node holds. @param {Node} node @param {boolean} [styles] */
		all(node, styles = true) {
			const within = /** @type {Element} */ (node);
			if (within.querySelectorAll) {
				this.#list([...within.nodeType === Node.ELEMENT_NODE ? [within] : [], ...within.querySelectorAll('*')], styles);
			}
		}

		/** @param {Element[]} elements @param {boolean} styles */
		#list(elements, styles) {
			this.#lists.push({elements, at: 0, styles});
			this.#schedule();
		}

		/** Many mutations, one walk: a page that builds a long list must not pay for each row. */
		#schedule() {
			if (this.#scheduled || this.done || this.signal.aborted) {
				return;
			}
			this.#scheduled = true;
			(globalThis.requestIdleCallback ?? setTimeout)(() => {
				this.#scheduled = false;
				const batch = this.#added;
				this.#added = new Set();
				// What lies in another added node is looked at with that.
				[...batch].filter(node => node.isConnected && !batch.has(/** @type {Node} */ (node.parentNode))).forEach(node => this.all(node));
				this.#slice();
				this.#schedule();
			}, {timeout: 200});
		}

		#slice() {
			const end = performance.now() + SLICE_MS;
			for (let [list] = this.#lists; list; [list] = this.#lists) {
				while (list.at < list.elements.length) {
					// What is visited may end all.
					if (this.signal.aborted || performance.now() > end) {
						return;
					}
					const element = list.elements[list.at++];
					if (element.isConnected) {
						this.visit(element, list.styles);
					}
				}
				this.#lists.shift();
			}
		}
	}

	touchstone.Walk = Walk;
}
