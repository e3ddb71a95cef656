/**
 * Counts and times what our content scripts do. `countedExtension` puts it before them in a copy of
 * the extension; it is never shipped. The background asks for `globalThis.counted` by message.
 */

'use strict';

{
	/** @type {typeof chrome} */
	const browser = /** @type {any} */ (globalThis).browser ?? chrome;
	// More steps than any chain of our promises has: after so many all that an entry has caused is done.
	const STEPS = 16;
	const LONG_MS = 50;
	const KEPT = 500;
	const timers = new Map();
	const observers = new Set();
	const listeners = new Set();
	let [total, entries, longest, longestKind, long, inside] = [0, 0, 0, '', 0, false];
	/** @type {Record<string, number>} */
	const kinds = {};
	/** How often each was. @type {Record<string, number>} */
	const times = {};
	/** The dear questions: how often each was asked, and how often at most in one entry. @type {Record<string, {all: number, now: number, most: number}>} */
	const questions = {};

	/** Time one entry into our code, with the promises that it settles. @param {string} kind @param {() => any} act */
	function run(kind, act) {
		if (inside) {
			return act();
		}
		inside = true;
		Object.values(questions).forEach(question => {
			question.now = 0;
		});
		const began = performance.now();
		try {
			return act();
		} finally {
			settle(STEPS, () => {
				const took = performance.now() - began;
				inside = false;
				total += took;
				entries++;
				kinds[kind] = (kinds[kind] ?? 0) + took;
				times[kind] = (times[kind] ?? 0) + 1;
				long += took > LONG_MS ? 1 : 0;
				if (took > longest) {
					[longest, longestKind] = [took, kind];
				}
			});
		}
	}

	for (const [owner, name] of [[Document, 'elementsFromPoint'], [Element, 'getBoundingClientRect'], [Document, 'querySelectorAll']]) {
		const ask = owner.prototype[name];
		const question = questions[name] = {all: 0, now: 0, most: 0};
		owner.prototype[name] = function (...values) {
			question.all++;
			question.most = Math.max(question.most, ++question.now);
			return ask.apply(this, values);
		};
	}

	/** @param {number} steps @param {() => void} done */
	function settle(steps, done) {
		if (steps === 0) {
			done();
		} else {
			queueMicrotask(() => settle(steps - 1, done));
		}
	}

	for (const [start, end] of [['setTimeout', 'clearTimeout'], ['setInterval', 'clearInterval'], ['requestAnimationFrame', 'cancelAnimationFrame'], ['requestIdleCallback', 'cancelIdleCallback']]) {
		const [set, clear] = [window[start].bind(window), window[end].bind(window)];
		globalThis[start] = (act, ...rest) => {
			const id = set((...values) => {
				if (start !== 'setInterval') {
					timers.delete(`${start}/${id}`);
				}
				run(start, () => act(...values));
			}, ...rest);
			timers.set(`${start}/${id}`, start);
			return id;
		};
		globalThis[end] = id => {
			// Timeouts and intervals share their numbers.
			[`${start}/${id}`, `setInterval/${id}`, `setTimeout/${id}`].slice(0, start.startsWith('set') ? 3 : 1).forEach(key => timers.delete(key));
			clear(id);
		};
	}

	for (const name of ['MutationObserver', 'IntersectionObserver', 'ResizeObserver']) {
		const Observer = globalThis[name];
		globalThis[name] = class {
			constructor(act, options) {
				this.real = new Observer(records => run(name, () => act(records)), options);
			}
			observe(...values) {
				observers.add(this);
				this.real.observe(...values);
			}
			unobserve(target) {
				this.real.unobserve(target);
			}
			disconnect() {
				observers.delete(this);
				this.real.disconnect();
			}
		};
	}

	const {addEventListener: add} = EventTarget.prototype;
	/** @this {EventTarget} */
	function listen(type, act, options) {
		const target = this === undefined || this === globalThis ? window : this;
		const key = {type};
		const {signal} = /** @type {any} */ (options ?? {});
		const own = typeof act === 'function' && !(target instanceof AbortSignal);
		if (own) {
			// A node's own listeners go with it: those of badges and cards.
			listeners.add(target instanceof Element ? {type, node: new WeakRef(target)} : key);
			if (listeners.size % KEPT === 0) {
				forgetGone();
			}
			signal?.addEventListener('abort', () => listeners.delete(key));
		}
		add.call(target, type, own ? event => run(type, () => act.call(target, event)) : act, options);
	}
	/** What is counted must not grow with what has gone. */
	function forgetGone() {
		[...listeners].filter(({node}) => node && !node.deref()).forEach(gone => listeners.delete(gone));
	}
	EventTarget.prototype.addEventListener = listen;
	globalThis.addEventListener = listen;

	/** @param {any} from @param {string} name @param {any} to */
	const replace = (from, name, to) => Object.defineProperty(from, name, {value: to, configurable: true, writable: true});
	const send = browser.runtime.sendMessage;
	replace(browser.runtime, 'sendMessage', message => new Promise((resolve, reject) => {
		send.call(browser.runtime, message).then(value => run('reply', () => resolve(value)), error => run('reply', () => reject(error)));
	}));
	const {onMessage} = browser.runtime;
	const hear = onMessage.addListener.bind(onMessage);
	replace(onMessage, 'addListener', act => hear((message, sender, reply) => message?.name === 'counted' ? false : run('message', () => act(message, sender, reply))));

	globalThis.counted = () => {
		const attached = [...listeners].filter(({node}) => !node || node.deref()?.isConnected);
		return {
			total, entries, longest, longestKind, long, kinds: {...kinds}, times: {...times},
			questions: Object.fromEntries(Object.entries(questions).map(([name, {all, most}]) => [name, {all, most}])),
			timers: [...timers.values()], observers: observers.size, listeners: attached.map(({type}) => type),
			badges: globalThis.touchstone?.badges?.all.size ?? 0,
			waiting: globalThis.touchstone?.pictures?.counts().waiting ?? 0,
			near: globalThis.touchstone?.pictures?.near.size ?? 0,
		};
	};
	hear((message, _, reply) => {
		if (message?.name === 'counted') {
			reply(globalThis.counted());
		}
	});
}
