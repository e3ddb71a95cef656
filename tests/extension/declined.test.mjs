import assert from 'node:assert/strict';
import {test} from 'node:test';

import {wished} from '../../extension/lib/declined.js';

test('a frame hears what the document at the top wishes, though nobody there hears us at first', async () => {
	for (const wish of [true, false]) {
		let asked = 0;
		const ask = async () => {
			if (++asked === 1) {
				throw new Error('Receiving end does not exist');
			}
			return wish;
		};
		assert.equal(await wished(ask), wish);
		assert.equal(asked, 2);
	}
});

test('where nobody says it in time, it wishes nothing', async () => {
	const began = Date.now();
	assert.equal(await wished(() => new Promise(() => {}), 300), false);
	assert.equal(await wished(async () => undefined, 300), false);
	assert.ok(Date.now() - began < 2000);
});
