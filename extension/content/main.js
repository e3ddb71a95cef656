/** Starts, pauses and ends the work in one frame. */

'use strict';

{
	const FIRST_RETRY_MS = 2000;
	const LAST_RETRY_MS = 60_000;
	const REPORT_MS = 250;
	const ORPHAN_MS = 5000;
	// A page may lose many pictures at once.
	const UNCOVER_MS = 200;

	const {port, bytes, pictures, card, findings, keyboard, layer, input, tracker, finder, wishes, screen, actions} = touchstone;
	/** @type {AbortController | null} */
	let work = null;
	let retryMs = FIRST_RETRY_MS;
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	let retry;
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	let report;
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	let uncovering;
	let reported = '{}';

	/** Ask whether to work here, and do so. @param {boolean} fresh the frame has just begun */
	async function begin(fresh) {
		const site = await port.ask('site', {fresh, heard: window === top || work !== null});
		if (!port.alive()) {
			end();
		} else if (site?.paused) {
			stop();
		} else if (site) {
			start(site.anyway);
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
			if (work && !pictures.counts().waiting) {
				return;
			}
			if (document.hidden) {
				later();
			} else {
				void begin(false);
			}
		}, retryMs);
		retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
	}

	/** @param {boolean} anyway a person asked for this page, whatever it wishes */
	function start(anyway) {
		if (work || !anyway && declined()) {
			return;
		}
		work = new AbortController();
		const {signal} = work;
		pictures.start({wait: later, changed});
		tracker.start(signal);
		finder.start({
			near: pictures.come,
			far: pictures.leave,
			loaded: image => {
				pictures.consider(image);
				const {localName, complete, naturalWidth} = /** @type {HTMLImageElement} */ (image);
				void (localName === 'img' && complete && naturalWidth === 0 && uncover());
			},
			source: image => {
				// What was shown is about another file; what comes next is known after the page's own work.
				pictures.forget(image);
				setTimeout(() => pictures.consider(image));
			},
			removed: () => {
				const gone = pictures.sweep();
				void (gone.size > 0 && uncover());
				return gone;
			},
			moved: tracker.glance,
			wish: () => void (!anyway && declined()),
		}, signal);
		addEventListener('pagehide', () => tell({}), {signal});
		addEventListener('pageshow', event => event.persisted && changed(), {signal});
		document.addEventListener('visibilitychange', () => {
			if (!document.hidden) {
				pictures.reconsider();
				void begin(false);
			}
		}, {signal});
		const orphan = setInterval(() => port.alive() || end(), ORPHAN_MS);
		signal.addEventListener('abort', () => clearInterval(orphan));
		findings.start(signal);
		input.start(signal);
	}

	/** What a style draws below a picture that failed, or went, is seen now. */
	function uncover() {
		uncovering ??= setTimeout(() => {
			uncovering = undefined;
			[...pictures.near].filter(touchstone.sources.isStyled).forEach(pictures.consider);
		}, UNCOVER_MS);
	}

	/** Whether the page wishes no badges; then there are none, and the popup says so. */
	function declined() {
		const declines = wishes.declines();
		if (declines) {
			stop();
			void (window === top && port.ask('declined', {}));
		}
		return declines;
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

	/** No badges, no timer, no watching: nothing of ours runs; the ear for `again` stays open. */
	function stop() {
		work?.abort();
		work = null;
		pictures.clear();
		card.close();
		layer.close();
		clearTimeout(retry);
		clearTimeout(report);
		clearTimeout(uncovering);
		[retry, report, uncovering] = [undefined, undefined, undefined];
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
			tell: async body => work && keyboard.tell(body),
			again: () => begin(false),
			// What is worth a badge has changed: every answer has to be put into words again.
			anew: () => {
				stop();
				return begin(false);
			},
			wish: wishes.say,
			list: findings.list,
			pick: findings.pick,
			reveal: findings.reveal,
			veil: screen.veil,
			pose: screen.pose,
			act: actions.act,
			renew: actions.renew,
		});
	}

	// A feed or an SVG document has no place for HTML elements, and a small window above all others none for badges.
	if (document.documentElement instanceof HTMLElement && !matchMedia('(display-mode: picture-in-picture)').matches) {
		listen();
		void begin(true);
	}
}
