/** What a person may have done with an image beyond the first check, from its card or from the panel. */

'use strict';

{
	// How long a badge may take to come.
	const APPEAR_MS = 1000;

	/** @typedef {{node(tag: string, properties: object, text?: string): HTMLElement, list(rows: [string, string][]): HTMLElement}} Tools the card's */

	/**
	 * The buttons of a card, and the line that says what comes of them.
	 * @param {Element} image
	 * @param {any} view
	 * @param {Tools} tools
	 */
	function draw(image, view, {node}) {
		const {acts} = view;
		const note = node('p', {className: 'note', role: 'status'});
		const button = (/** @type {string} */ what) => {
			const pressed = node('button', {className: `more ${what}`, type: 'button'}, acts[what]);
			pressed.addEventListener('click', () => void press(image, view, {what, pressed, note}));
			return pressed;
		};
		const best = touchstone.better.known(image);
		return [
			...acts.screen && touchstone.screen.hasPicture(image) ? [button('screen')] : [],
			...best && !best.record ? [button('better')] : [], note,
		];
	}

	/**
	 * The file that was checked; and what was found of the better copy, apart from what was found of the one on the page.
	 * @param {Element} image
	 * @param {any} view
	 * @param {Tools} tools
	 */
	function drawFiles(image, {acts, words, facts}, {node, list}) {
		const {view, said} = touchstone.better.known(image) ?? {};
		if (!view) {
			return [node('h3', {}, words.file), list(facts)];
		}
		const box = node('div', {className: 'best'});
		const texts = [said, view.sentence, ...view.findings.map((/** @type {any} */ {strengthName, check, text}) => `${strengthName} · ${check}: ${text}`)];
		box.append(node('p', {className: 'origin'}, view.name), ...texts.filter(Boolean).map(text => node('p', {}, text)), list(view.facts));
		return [node('h3', {}, acts.shown), list(facts), node('h3', {}, acts.best), box];
	}

	/** @param {Element} image @param {any} view @param {{what: string, pressed: HTMLElement, note: HTMLElement}} part */
	async function press(image, {acts}, {what, pressed, note}) {
		// Not disabled: that would take the focus away.
		if (pressed.ariaDisabled === 'true') {
			return;
		}
		pressed.ariaDisabled = 'true';
		note.textContent = acts.busy;
		const said = await run(image, what);
		pressed.ariaDisabled = 'false';
		note.textContent = said ?? acts.failed;
		touchstone.tracker.kick();
	}

	/**
	 * Have something done, and show what came of it on the page; returns why it could not be done, '' if it was.
	 * @param {Element} image
	 * @param {string} what
	 * @returns {Promise<string | null>}
	 */
	async function run(image, what) {
		const answer = await touchstone.port.ask(what, {...touchstone.findings.context(image), record: touchstone.badges.all.get(image)?.view.record ?? null});
		if (!answer?.best && !answer?.view) {
			return answer?.said ?? null;
		}
		await refresh(image, () => answer.best ? touchstone.better.keep(image, answer.best) : touchstone.pictures.answer(image, answer.view));
		return '';
	}

	/** Let badge and open card follow what has become known. @param {Element} image @param {() => void} learn */
	async function refresh(image, learn) {
		const open = touchstone.card.shows(image);
		learn();
		if (open) {
			touchstone.card.close();
			// A page that is not looked at has no badges: where the panel is a tab, until the person comes back.
			await (document.hidden && new Promise(resolve => document.addEventListener('visibilitychange', resolve, {once: true})));
			await reopen(image);
		}
	}

	/** The card went with the badge; the new one takes its place as soon as the badge is there. @param {Element} image */
	async function reopen(image) {
		for (const end = performance.now() + APPEAR_MS; performance.now() < end && !touchstone.card.isOpen();) {
			const badge = touchstone.badges.all.get(image);
			if (badge?.button && !badge.button.hidden) {
				touchstone.card.toggle(image, badge);
			}
			await new Promise(requestAnimationFrame);
		}
	}

	/** The panel asks for it. @param {{id: number, what: string}} body */
	async function act({id, what}) {
		const image = touchstone.findings.imageOf(id);
		return image?.isConnected ? {said: await run(image, what)} : null;
	}

	/** The background has had an image examined once more. @param {{id: number, view: any}} body */
	async function renew({id, view}) {
		const image = touchstone.findings.imageOf(id);
		await (image?.isConnected && refresh(image, () => touchstone.pictures.answer(image, view)));
	}

	touchstone.actions = {draw, drawFiles, act, renew};
}
