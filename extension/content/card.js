/** The card that opens from a badge: what was found, why, and what could not be looked at. */

'use strict';

{
	/** @type {{image: Element, badge: any, element: HTMLElement} | null} */
	let open = null;
	const GAP = 6;

	/** Open the card of a badge, or close it. @param {Element} image @param {any} badge */
	function toggle(image, badge) {
		const same = open?.image === image;
		close();
		if (same) {
			return;
		}
		const element = draw(image, badge.view, touchstone.captions.of(image));
		touchstone.layer.open().append(element);
		open = {image, badge, element};
		touchstone.findings.choose(image, badge.view, false);
		follow();
		element.focus({preventScroll: true});
	}

	/** Close the card; the focus goes back to its badge. */
	function close() {
		if (!open) {
			return;
		}
		const {badge, element} = open;
		const focused = element.contains(touchstone.layer.active());
		open = null;
		element.remove();
		if (focused && badge.button && !badge.button.hidden) {
			badge.button.focus({preventScroll: true});
		}
	}

	/** @param {Element} image */
	function closeFor(image) {
		if (open?.image === image) {
			close();
		}
	}

	/** Keep the card at its badge and inside the viewport; close it when its badge is gone. */
	function follow() {
		if (!open) {
			return;
		}
		const {badge, element} = open;
		if (!badge.button || badge.button.hidden) {
			close();
			return;
		}
		const {offsetWidth: width, offsetHeight: height} = element;
		const below = badge.y + badge.button.offsetHeight + GAP;
		const above = badge.y - GAP - height;
		const y = below + height <= innerHeight ? below : Math.max(above, Math.min(below, innerHeight - height - 8), 8);
		const x = Math.max(8, Math.min(badge.x, document.documentElement.clientWidth - width - 8));
		// Beside the badge where it would lie under the card.
		element.style.transform = `translate(${x}px, ${Math.max(8, Math.min(y, innerHeight - height - 8))}px)`;
	}

	/** @param {Element} image @param {any} view @param {{where: 'alt' | 'caption' | 'near', text: string}[]} sayings what the page says of the image */
	function draw(image, view, sayings) {
		const card = node('div', {className: 'card', role: 'dialog', tabIndex: -1, ariaLabel: view.name});
		const shut = node('button', {className: 'close', type: 'button', ariaLabel: view.words.close});
		shut.append(cross());
		shut.addEventListener('click', close);
		card.append(node('h2', {}, view.name));
		for (const [className, text] of [['', view.sentence], ['hint', view.hint]]) {
			if (text) {
				card.append(node('p', {className}, text));
			}
		}
		card.append(...section(view.words.findings, view.findings.map(finding)));
		if (view.estimate) {
			const {text, note, details} = view.estimate;
			card.append(...section(view.words.estimate, [item('estimate', [node('p', {}, text), node('p', {className: 'hint'}, note), list(details)])]));
		}
		const difference = touchstone.captions.difference(view, sayings);
		card.append(...section(view.words.page, [
			...sayings.map(({where, text}) => item('page', [node('p', {className: 'origin'}, view.words[`page_${where}`]), node('q', {}, text)])),
			...difference ? [item('page', [node('p', {}, view.words[difference])])] : [],
			...touchstone.wishes.marksOn(image).length > 0 ? [item('page', [node('p', {}, view.words.page_mark)])] : [],
		]));
		card.append(...section(view.words.unavailable, view.unavailable.map(unavailable)));
		const more = node('button', {className: 'more', type: 'button'}, view.words.details);
		// At once, within the click: the browser opens the panel for a gesture only.
		more.addEventListener('click', () => touchstone.findings.choose(image, view, true));
		const foot = node('div', {className: 'foot'});
		foot.append(more, ...touchstone.actions.draw(image, view, {node, list}));
		card.append(...touchstone.actions.drawFiles(image, view, {node, list}), foot, shut);
		card.addEventListener('keydown', keys);
		return card;
	}

	/** @param {any} found */
	function finding({strength, strengthName, check, text, details}) {
		const origin = node('p', {className: 'origin'});
		origin.append(node('span', {className: 'strength'}, strengthName), node('span', {}, check));
		return item(strength, [origin, node('p', {}, text), list(details)]);
	}

	/** @param {{check: string, text: string}} missing */
	function unavailable({check, text}) {
		return item('missing', [node('p', {className: 'origin'}, check), node('p', {}, text)]);
	}

	/** @param {string} title @param {HTMLElement[]} items */
	function section(title, items) {
		const ul = node('ul', {});
		ul.append(...items);
		return items.length > 0 ? [node('h3', {}, title), ul] : [];
	}

	/** @param {string} className @param {HTMLElement[]} parts */
	function item(className, parts) {
		const li = node('li', {className});
		li.append(...parts);
		return li;
	}

	/** @param {[string, string][]} rows */
	function list(rows) {
		const dl = node('dl', {hidden: rows.length === 0});
		for (const [name, value] of rows) {
			const long = value.length > 40 && !/\s\S+\s/.test(value);
			dl.append(node('dt', {}, name), node('dd', long ? {className: 'code'} : {}, value));
		}
		return dl;
	}

	/** @param {string} tag @param {object} properties @param {string} [text] */
	function node(tag, properties, text = '') {
		const element = Object.assign(document.createElement(tag), properties);
		// Text only, never markup: these values were written by strangers.
		element.textContent = text;
		return element;
	}

	function cross() {
		const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
		svg.setAttribute('viewBox', '0 0 12 12');
		svg.setAttribute('aria-hidden', 'true');
		const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
		path.setAttribute('d', 'M1.500 1.500 10.500 10.500M10.500 1.500 1.500 10.500');
		path.setAttribute('stroke', 'currentcolor');
		path.setAttribute('stroke-width', '2');
		path.setAttribute('stroke-linecap', 'round');
		svg.append(path);
		return svg;
	}

	/** Escape closes; Tab stays inside, for the next stop of the page is nowhere near. @param {KeyboardEvent} event */
	function keys(event) {
		// The page's own shortcuts must not act on keys meant for the card.
		event.stopPropagation();
		if (event.key === 'Escape') {
			event.preventDefault();
			close();
		} else if (event.key === 'Tab') {
			event.preventDefault();
			const stops = [...open?.element.querySelectorAll('button') ?? []];
			const at = stops.findIndex(stop => stop === touchstone.layer.active());
			const next = event.shiftKey ? at <= 0 ? stops.length - 1 : at - 1 : (at + 1) % stops.length;
			stops[next]?.focus();
		}
	}

	touchstone.card = {toggle, close, closeFor, follow, isOpen: () => open !== null, shows: image => open?.image === image};
}
