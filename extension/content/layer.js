/** The one element that we add to a frame: a closed shadow root in the top layer, above the page. */

'use strict';

{
	const TAG = 'touchstone-badges';
	// A page that removes our element each time means it.
	const RETURNS = 5;

	/** @type {HTMLElement | null} */
	let host = null;
	/** @type {ShadowRoot | null} */
	let root = null;
	let returns = 0;
	/** @type {Element[]} */
	let raised = [];
	/** @type {WeakRef<Document | ShadowRoot>[]} */
	let trees = [];
	let sweepAt = 64;

	/** The shadow root; made at the first call, so that a page without images gets nothing. */
	function open() {
		if (!root) {
			sweep();
			host = document.createElement(TAG);
			host.popover = 'manual';
			root = host.attachShadow({mode: 'closed'});
			const style = document.createElement('style');
			style.textContent = touchstone.style;
			root.append(style);
			attach();
		}
		return root;
	}

	function attach() {
		if (host) {
			document.documentElement.append(host);
			host.showPopover();
		}
	}

	/** Put our element back where the page has removed it, and above what has come since. */
	function keep() {
		if (!host) {
			return;
		}
		if (!host.isConnected && returns < RETURNS) {
			returns++;
			attach();
		}
		const above = topElements();
		if (host.isConnected && above.some(element => !raised.includes(element))) {
			host.hidePopover();
			host.showPopover();
		}
		raised = above;
	}

	/** A tree that may hold dialogs: no selector enters it from outside. @param {Document | ShadowRoot} tree */
	function know(tree) {
		// Not at each new one: a page may have a tree for each of its pictures.
		if (trees.length >= sweepAt) {
			trees = trees.filter(known => known.deref());
			sweepAt = 2 * trees.length + 64;
		}
		trees.push(new WeakRef(tree));
	}

	/** What a selector finds in all trees of the page. @param {string} selector */
	function inAll(selector) {
		return trees.flatMap(tree => [...tree.deref()?.querySelectorAll(selector) ?? []]).filter(element => element.isConnected);
	}

	/** What may lie in the top layer. */
	function topElements() {
		return inAll(':modal, :popover-open').filter(element => element !== host);
	}

	/** Modal dialogs: while one is open, everything outside of it is hidden behind it and inert. */
	function modals() {
		return inAll('dialog:modal');
	}

	/** Be out of sight for a moment: a shot of the screen must show the page alone. The focus inside stays. @param {boolean} on */
	function veil(on) {
		root?.querySelector('.veil')?.remove();
		if (on && root) {
			const style = Object.assign(document.createElement('style'), {className: 'veil'});
			style.textContent = ':host { opacity: 0 !important; }';
			root.append(style);
		}
	}

	/** Remove what an earlier version of this extension left. */
	function sweep() {
		document.querySelectorAll(`:root > ${TAG}`).forEach(element => element !== host && element.remove());
	}

	function close() {
		host?.remove();
		host = null;
		root = null;
		raised = [];
		[trees, sweepAt] = [[], 64];
	}

	/** Whether an element is ours. @param {Element | null} element */
	function owns(element) {
		return element !== null && element === host;
	}

	/** The element that has the focus inside. */
	function active() {
		return /** @type {HTMLElement | null} */ (root?.activeElement ?? null);
	}

	touchstone.layer = {know, all: inAll, open, keep, modals, veil, sweep, close, owns, active};
}
