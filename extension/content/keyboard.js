/** The keyboard's way to the badges: a command goes from one to the next, Escape goes back. */

'use strict';

{
	const KNOWN_MS = 150;

	/** Where the focus was before the first badge. @type {HTMLElement | null} */
	let origin = null;
	let walking = false;

	/**
	 * Move the focus to a badge in the viewport: `on` to the one after that which has it, `first` to
	 * the first; `back` leaves. Returns `moved`, `end` after the last badge, or `none`.
	 * @param {{go: 'on' | 'first' | 'back'}} body
	 */
	async function step({go}) {
		if (go === 'back') {
			leave();
			return 'moved';
		}
		touchstone.card.close();
		const active = focused();
		if (!active && go === 'on') {
			remember();
			return 'none';
		}
		const buttons = inReadingOrder();
		const next = buttons[go === 'first' ? 0 : buttons.findIndex(button => button === active) + 1];
		return next && focus(next) ? 'moved' : active ? 'end' : 'none';
	}

	/** Our focused badge. A frame that has lost the focus still names its last one. */
	function focused() {
		return window === top || document.hasFocus() ? touchstone.layer.active() : null;
	}

	function remember() {
		let at = document.activeElement;
		while (at?.shadowRoot?.activeElement) {
			at = at.shadowRoot.activeElement;
		}
		if (at?.localName !== 'iframe') {
			origin = at === document.body || touchstone.layer.owns(at) ? null : /** @type {HTMLElement | null} */ (at);
		}
	}

	function inReadingOrder() {
		return touchstone.badges.seen()
			.sort((a, b) => a.y - b.y || a.x - b.x).map(({button}) => button);
	}

	/** False where it cannot be: behind a modal dialog all is inert, our badges too. @param {HTMLElement} button */
	function focus(button) {
		window.focus();
		button.focus({preventScroll: true, focusVisible: true});
		walking = touchstone.layer.active() === button;
		return walking;
	}

	/** Give the focus back to what had it; false if no badge that the command chose has it. */
	function back() {
		if (!walking || !focused()) {
			return false;
		}
		if (origin === null && window !== top) {
			// Perhaps it came from another frame: ours had nothing.
			void touchstone.port.ask('back', {});
		}
		leave();
		return true;
	}

	function leave() {
		walking = false;
		touchstone.layer.active()?.blur();
		if (origin?.isConnected) {
			origin.focus({preventScroll: true});
		}
		origin = null;
	}

	/** Say something to those who do not see it. @param {{text: string}} body */
	async function tell({text}) {
		const root = touchstone.layer.open();
		let region = root.querySelector('.live');
		if (!region) {
			region = Object.assign(document.createElement('p'), {className: 'live', role: 'status'});
			root.append(region);
		}
		region.textContent = '';
		// A screen reader says what changes in a region that it knows already.
		await new Promise(resolve => setTimeout(resolve, KNOWN_MS));
		region.textContent = text;
	}

	touchstone.keyboard = {step, back, focus, tell};
}
