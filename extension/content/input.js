/** Clicks and keys that close the card, or are meant for badges which the browser does not let them reach. */

'use strict';

{
	const {badges, card, keyboard, layer} = touchstone;

	/** @param {AbortSignal} signal */
	function start(signal) {
		addEventListener('click', clicked, {capture: true, signal});
		addEventListener('keydown', event => {
			if (event.key === 'Escape' && card.isOpen()) {
				card.close();
			} else if (event.key === 'Escape' && keyboard.back()) {
				// Meant for our badge, and not for what the page closes by it.
				event.preventDefault();
				event.stopImmediatePropagation();
			}
		}, {capture: true, signal});
	}

	/** @param {MouseEvent} event */
	function clicked(event) {
		const ours = layer.owns(/** @type {Element} */ (event.target));
		if (!ours && layer.modals().length > 0) {
			clickedInModal(event);
		} else if (!ours) {
			card.close();
		}
	}

	/**
	 * While a modal dialog is open all else is inert, our badges on its images too: clicks fall
	 * through them, and are caught here.
	 * @param {MouseEvent} event
	 */
	function clickedInModal(event) {
		// A page could else find out by its own clicks where our badges are.
		if (!event.isTrusted) {
			return;
		}
		const badge = badges.at(event.clientX, event.clientY);
		if (badge) {
			event.preventDefault();
			event.stopImmediatePropagation();
			card.toggle(badge.image, badge);
		} else {
			card.close();
		}
	}

	touchstone.input = {start};
}
