/** Starts, pauses and ends the work in one frame. */

'use strict';

{
	const FIRST_RETRY_MS = 2000;
	const LAST_RETRY_MS = 60_000;
	const REPORT_MS = 250;
	const ORPHAN_MS = 5000;

	const {port, bytes, pictures, badges, card, findings, keyboard, layer, tracker, finder, screen, actions} = touchstone;
	/** @type {AbortController | null} */
	let work = null;
	let retryMs = FIRST_RETRY_MS;
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	let retry;
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	let report;
	let reported = '{}';

	/** Ask whether to work here, and do so. @param {boolean} fresh the frame has just begun */
	async function begin(fresh) {
		const site = await port.ask('site', {fresh});
		if (!port.alive()) {
			end();
		} else if (site?.paused) {
			stop();
		} else if (site) {
			start();
			answered(site.state);
		} else {
			later();
		}
	}

	/** @param {string} state */
	function answered(state) {
		if (state === 'ready') {
			clearTimeout(retry);
			retry = undefined;
			retryMs = FIRST_RETRY_MS;
			pictures.resume();
		} else {
			later();
		}
	}

	/** The server is away: ask again, ever less often, and only for a page that somebody looks at. */
	function later() {
		if (retry !== undefined) {
			return;
		}
		retry = setTimeout(() => {
			retry = undefined;
			if (!document.hidden && (!work || pictures.counts().waiting)) {
				void begin(false);
			}
		}, retryMs);
		retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
	}

	function start() {
		if (work) {
			return;
		}
		work = new AbortController();
		const {signal} = work;
		pictures.start({wait: later, changed});
		tracker.start(signal);
		finder.start({
			near: pictures.come,
			far: pictures.leave,
			loaded: pictures.consider,
			source: image => {
				// What was shown is about another file; what comes next is known after the page's own work.
				pictures.forget(image);
				setTimeout(() => pictures.consider(image));
			},
			removed: pictures.sweep,
			moved: tracker.kick,
		}, signal);
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
		const [image, badge] = badges.at(event.clientX, event.clientY) ?? [];
		if (image && badge) {
			event.preventDefault();
			event.stopImmediatePropagation();
			card.toggle(image, badge);
		} else {
			card.close();
		}
	}

	/** Tell the background how many images of each label there are, when they stop changing. */
	function changed() {
		report ??= setTimeout(() => {
			report = undefined;
			tell(pictures.counts());
		}, REPORT_MS);
	}

	/** @param {Record<string, number>} counts */
	function tell(counts) {
		const text = JSON.stringify(counts);
		if (text !== reported) {
			reported = text;
			void port.ask('counts', {counts});
		}
	}

	/** No badges, no watching; the ear for `again` stays open. */
	function stop() {
		work?.abort();
		work = null;
		clearTimeout(retry);
		retry = undefined;
		pictures.clear();
		card.close();
		layer.close();
		tell({});
	}

	/** This script is an orphan: the extension was updated, and nobody will ever answer. */
	function end() {
		stop();
		layer.sweep();
	}

	function listen() {
		port.listen({
			read: bytes.read,
			badge: keyboard.step,
			again: () => begin(false),
			// What is worth a badge has changed: every answer has to be put into words again.
			anew: () => {
				stop();
				return begin(false);
			},
			list: findings.list,
			pick: findings.pick,
			reveal: findings.reveal,
			veil: screen.veil,
			pose: screen.pose,
			act: actions.act,
		});
		findings.start();
		addEventListener('pagehide', () => tell({}));
		addEventListener('pageshow', event => event.persisted && changed());
		document.addEventListener('visibilitychange', () => {
			if (!document.hidden) {
				pictures.reconsider();
				void begin(false);
			}
		});
		setInterval(() => work && !port.alive() && end(), ORPHAN_MS);
	}

	// A feed or an SVG document has no place for HTML elements.
	if (document.documentElement instanceof HTMLElement) {
		listen();
		void begin(true);
	}
}
