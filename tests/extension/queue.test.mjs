import assert from 'node:assert/strict';
import {test} from 'node:test';
import {setTimeout as sleep} from 'node:timers/promises';

import {Cancelled, Queue, TryAgain} from '../../extension/lib/queue.js';

/** A job that ends when it is told to. */
function gate() {
	let open = () => {};
	const promise = new Promise(resolve => {
		open = () => resolve(undefined);
	});
	return {promise, open};
}

test('at most four run at once', async () => {
	const queue = new Queue();
	let running = 0;
	let most = 0;
	const jobs = Array.from({length: 20}, (_, i) => queue.add(`${i}`, 0, async () => {
		most = Math.max(most, ++running);
		await sleep(2);
		running--;
	}));
	await Promise.all(jobs);
	assert.equal(most, 4);
});

test('the nearest first, then first come', async () => {
	const queue = new Queue({limit: 1});
	const {promise, open} = gate();
	const order = [];
	const first = queue.add('first', 9, () => promise);
	const rest = [['far', 7], ['near', 0], ['middle', 3], ['near too', 0]]
		.map(([key, rank]) => queue.add(key, rank, async () => order.push(key)));
	open();
	await Promise.all([first, ...rest]);
	assert.deepEqual(order, ['near', 'near too', 'middle', 'far']);
});

test('the same key runs once and answers all', async () => {
	const queue = new Queue();
	let runs = 0;
	const run = async () => ++runs;
	assert.deepEqual(await Promise.all([queue.add('a', 1, run), queue.add('a', 0, run), queue.add('b', 0, run)]), [1, 1, 2]);
	assert.equal(await queue.add('a', 0, run), 3, 'a finished job is not remembered');
});

test('what nobody wants is dropped before it begins', async () => {
	const queue = new Queue({limit: 1});
	const {promise, open} = gate();
	const first = queue.add('first', 0, () => promise);
	let ran = false;
	const dropped = queue.add('dropped', 0, async () => {
		ran = true;
	});
	const shared = queue.add('shared', 0, async () => 'kept');
	void queue.add('shared', 0, async () => 'kept');
	queue.cancel('dropped');
	queue.cancel('shared');
	queue.cancel('unknown');
	open();
	await first;
	await assert.rejects(dropped, Cancelled);
	assert.equal(await shared, 'kept');
	assert.equal(ran, false);
});

test('tries again after a while, and gives the last word in the end', async () => {
	const queue = new Queue({tries: 3, delay: 10});
	let runs = 0;
	const began = Date.now();
	assert.equal(await queue.add('a', 0, async () => {
		if (++runs < 3) {
			throw new TryAgain('no');
		}
		return 'yes';
	}), 'yes');
	assert.ok(Date.now() - began >= 29, 'waits 10 ms, then 20 ms');
	const hopeless = queue.add('b', 0, async () => {
		throw new TryAgain({wait: 'busy'});
	});
	await assert.rejects(hopeless, reason => reason.wait === 'busy');
});

test('waits as long as the server asks', async () => {
	const queue = new Queue({tries: 2, delay: 1});
	const began = Date.now();
	await assert.rejects(queue.add('a', 0, async () => {
		throw new TryAgain('busy', 60);
	}));
	assert.ok(Date.now() - began >= 59);
});

test('a waiting job leaves its place to others', async () => {
	const queue = new Queue({limit: 1, tries: 2, delay: 50});
	const order = [];
	const failing = queue.add('failing', 0, async () => {
		order.push('failing');
		throw new TryAgain('no');
	}).catch(() => {});
	await queue.add('other', 5, async () => order.push('other'));
	await failing;
	assert.deepEqual(order, ['failing', 'other', 'failing']);
});

test('an error that is no TryAgain is final', async () => {
	const queue = new Queue();
	let runs = 0;
	await assert.rejects(queue.add('a', 0, async () => {
		runs++;
		throw new TypeError('bug');
	}), TypeError);
	assert.equal(runs, 1);
});

test('a tab whose jobs never end makes no other tab wait', async () => {
	const queue = new Queue();
	const {promise, open} = gate();
	let stuck = 0;
	const tarpit = Array.from({length: 12}, (_, i) => queue.add(`tarpit ${i}`, 0, async () => {
		stuck++;
		await promise;
	}, 1));
	assert.equal(stuck, 3, 'the last place is kept free');
	const good = Array.from({length: 6}, (_, i) => queue.add(`good ${i}`, 5, async () => i, 2));
	assert.deepEqual(await Promise.all(good), [0, 1, 2, 3, 4, 5]);
	assert.equal(stuck, 3);
	open();
	await Promise.all(tarpit);
	assert.equal(stuck, 12);
});

test('while other tabs wait, none holds more than half of the places', async () => {
	const queue = new Queue();
	const {promise, open} = gate();
	/** @type {Map<number, number>} */
	const running = new Map();
	const most = new Map();
	const job = tab => async () => {
		running.set(tab, (running.get(tab) ?? 0) + 1);
		most.set(tab, Math.max(most.get(tab) ?? 0, running.get(tab)));
		await sleep(2);
		running.set(tab, running.get(tab) - 1);
	};
	const first = ['a', 'b', 'c', 'd'].map(key => queue.add(key, 0, () => promise, 0));
	const jobs = [1, 2, 3].flatMap(tab => Array.from({length: 8}, (_, i) => queue.add(`${tab}/${i}`, tab, job(tab), tab)));
	open();
	await Promise.all([...first, ...jobs.slice(0, 16)]);
	assert.deepEqual([most.get(1), most.get(2)], [2, 2]);
	await Promise.all(jobs);
});

test('a job that waits for its next try takes nothing from its tab', async () => {
	const queue = new Queue({limit: 2, tries: 2, delay: 30});
	const failing = queue.add('failing', 0, async () => {
		throw new TryAgain('no');
	}, 1).catch(reason => reason);
	assert.equal(await queue.add('next', 0, async () => 'ran', 1), 'ran');
	assert.equal(await failing, 'no');
});
