import assert from 'node:assert/strict';
import {test} from 'node:test';

import {describe, describeFailure, fill, oneIn} from '../../extension/lib/words.js';
import {LANGUAGES, catalogue, texts} from './catalogue.mjs';

const LABELS = ['ai_generated', 'ai_edited', 'possibly_ai', 'suspected_ai', 'invalid_credential', 'captured', 'unlabeled', 'not_checked'];
const CREDENTIAL = {
	signer: 'Studio', tool: 'Tool 1', time: '2026-01-02', source_type: 'trainedAlgorithmicMedia', model: 'M',
	soft_binding: 'com.adobe.trustmark.P, org.example.other', trust_list: '2026-08-05',
};
const AIGC = {
	producer: 'P', produce_id: 'N1', propagator: '', propagate_id: '', provider_code: '', where: 'PNG iTXt XMP',
	lint: 'missing:Label, charset:ContentProducer, second_label:',
};
const NOTE = {tool: 'T', where: 'PNG tEXt', prompt: 'a {cat}', negative_prompt: 'dog', model: 'm', seed: '7'};
/** Every code of a piece of evidence, with the params that the server sends. */
const EVIDENCE = {
	...Object.fromEntries(['ai_generated', 'ai_edited', 'captured', 'provenance'].flatMap(claim =>
		['trusted', 'unlisted', 'expired', 'malformed', 'revoked', 'relayed'].map(trust => [`credential_${claim}_${trust}`, CREDENTIAL]))),
	credential_altered: {signer: 'Studio', tool: 'Tool 1', time: '', reason: 'assertion.dataHash.mismatch'},
	iptc_provenance: {source_type: 'composite', where: 'JPEG APP1 XMP'},
	iptc_ai_system: {...NOTE, prompt_writer: 'Ann'},
	iptc_ai_generated: {source_type: 'trainedAlgorithmicMedia'},
	iptc_ai_edited: {source_type: 'compositeWithTrainedAlgorithmicMedia'},
	iptc_captured: {source_type: 'digitalCapture'},
	generator_ai_generated: NOTE, generator_ai_edited: NOTE, generator_suspected: NOTE,
	aigc_label_1: AIGC, aigc_label_2: AIGC, aigc_label_3: AIGC,
	watermark_known_word: {
		source: 'FLUX', word: 'FLUX', agreed: 46, bits: 46, rate: '5e-12', geometry: '1024 × 1024', method: 'dwtDct rgb float32',
	},
	trustmark_found: {payload: '0101', method: 'TrustMark Q BCH_5'},
	visible_mark_text: {
		text: 'AI生成', service: '', place: 'bottom_right', height: 5.2, rule: 'label', law: 'words, place, size', box: '1 2 30 10',
	},
	visible_mark_sparkle: {service: 'Gemini', place: 'bottom_right', height: 4.7, rule: 'sparkle', law: 'place', box: '1 2 30 30'},
	visible_mark_colour_bar: {service: 'DALL-E 2', place: 'bottom_right', height: 1.6, rule: 'colour_bar', law: 'place', box: '1 2 80 16'},
	detector_estimate: {model: 'touchstone-1', score: 0.98},
};
const UNAVAILABLE = {
	credential_remote: {url: 'https://example.com/m'}, credential_malformed: {reason: 'short'},
	credential_unknown: {reason: 'short'}, no_pixels: {format: 'SVG'},
	aigc_label_unreadable: {reason: 'not JSON', where: 'PNG tEXt'}, metadata_unreadable: {reason: 'bad', where: 'PNG tEXt'},
	visible_mark_no_weights: {}, visible_mark_too_small: {width: 60, height: 90, limit: 96},
	trustmark_no_decoder: {}, detector_no_weights: {}, detector_too_small: {width: 10, height: 20, limit: 64}, detector_flat: {}, detector_unfamiliar: {},
};
const FAILURES = {
	unreadable_image: {}, unsupported_format: {}, empty_body: {}, too_large: {}, too_many_pixels: {},
	unsupported_media_type: {}, internal_error: {}, busy: {}, rate_limited: {},
	not_read_network: {}, not_read_http: {status: 404}, not_read_cross_origin: {}, not_read_type: {},
	not_read_too_large: {bytes: 5, limit: 4}, not_read_local_network: {},
};

function report({label = 'unlabeled', basis = 'none', code = 'nothing_found', params = {}, evidence = [], unavailable = {}}) {
	return {
		schema: 1, sha256: 'ab'.repeat(32), format: 'JPEG', width: 640, height: 426,
		verdict: {label, basis, article6: null, code, params}, evidence, estimate: null, unavailable,
	};
}

function estimate(rate) {
	return {
		check: 'detector', claim: 'suspected_ai', strength: 'estimate', code: 'detector_estimate',
		params: {model: 'touchstone-1', score: 0.9}, false_alarm_rate: rate,
	};
}

/** Nothing that a person must not see: braces, "undefined", an empty text. */
function assertReadable(text) {
	assert.ok(text.length > 0 && !/[{}]|undefined|\[object/.test(text), text);
}

test('both catalogues have the same keys and the same placeholders', () => {
	const [english, chinese] = LANGUAGES.map(catalogue);
	assert.deepEqual(Object.keys(chinese).sort(), Object.keys(english).sort());
	const names = text => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
	for (const [key, text] of Object.entries(english)) {
		assert.deepEqual(names(chinese[key]), names(text), key);
		assert.match(key, /^[A-Za-z0-9_]+$/);
		// Chrome gives "$" a meaning of its own.
		assert.ok(!`${text}${chinese[key]}`.includes('$'), key);
	}
	assert.ok(english.extension_description.length <= 132);
});

for (const language of LANGUAGES) {
	const t = texts(language);

	test(`${language}: every label has its words`, () => {
		for (const label of LABELS) {
			const view = describe(report({label}), {url: 'https://example.com/a.jpg'}, t);
			for (const text of [view.name, view.short, view.action, view.hint, view.sentence, ...Object.values(view.words)]) {
				assertReadable(text);
			}
			assert.ok(view.action.startsWith(view.name));
		}
	});

	test(`${language}: every evidence code is a filled sentence`, () => {
		for (const [code, params] of Object.entries(EVIDENCE)) {
			const found = code === 'detector_estimate' ? estimate(0.001)
				: {check: 'metadata', claim: 'ai_generated', strength: 'declaration', code, params, false_alarm_rate: null};
			const verdict = {label: 'ai_generated', basis: found.strength, code, params};
			const [finding] = describe(report({...verdict, evidence: [found]}), {url: 'u'}, t).findings;
			[finding.text, finding.check, finding.strengthName].forEach(assertReadable);
			assert.notEqual(finding.text, code);
			// A prompt is the file's own text: it may hold anything.
			finding.details.filter(([name]) => name !== t('param_prompt')).flat().forEach(assertReadable);
		}
	});

	test(`${language}: every reason why something could not be looked at`, () => {
		for (const [code, params] of Object.entries(UNAVAILABLE)) {
			const [{text, check}] = describe(report({unavailable: {detector: {code, params}}}), {url: 'u'}, t).unavailable;
			[text, check].forEach(assertReadable);
			assert.ok(!text.includes(code));
		}
		for (const [code, params] of Object.entries(FAILURES)) {
			const view = describeFailure({code, params}, {url: 'https://example.com/a.jpg'}, t);
			assert.equal(view.label, 'not_checked');
			assertReadable(view.sentence);
			assert.notEqual(view.sentence, fill(t, 'error_unknown', {code}));
		}
	});

	test(`${language}: checks that could not look are named in words`, () => {
		const params = {checks: 'content_credentials, metadata'};
		const {sentence} = describe(report({label: 'not_checked', code: 'could_not_look', params}), {url: 'u'}, t);
		assert.ok(sentence.includes(t('check_content_credentials')) && sentence.includes(t('check_metadata')), sentence);
	});

	test(`${language}: every state of the server has a name and a next step`, () => {
		for (const state of ['ready', 'away', 'unpaired', 'other_program', 'too_old']) {
			assertReadable(t(`server_${state}`));
			assertReadable(fill(t, `server_${state}_step`, {address: 'http://127.0.0.1:4543'}));
		}
	});
}

const en = texts('en');

test('evidence is told in the order of its worth, what decided first among equals', () => {
	const found = (code, strength) => ({check: 'metadata', claim: 'ai_generated', code, strength, params: {}, false_alarm_rate: null});
	const evidence = [
		found('generator_x', 'declaration'), found('iptc_ai', 'declaration'), found('aigc_label_1', 'declaration'), found('credential_x', 'proof'),
	];
	const {findings} = describe(report({label: 'ai_generated', basis: 'declaration', code: 'aigc_label_1', evidence}), {url: 'u'}, en);
	assert.deepEqual(findings.map(({text}) => text).map(text => evidence.findIndex(({code}) => code === text || en(code) && text.startsWith(en(code).slice(0, 12)))), [3, 2, 0, 1]);
});

test('an estimate that decided nothing is shown beside the findings, never among them', () => {
	const label = {check: 'metadata', claim: 'ai_generated', strength: 'declaration', code: 'iptc_ai_generated', params: {source_type: 'trainedAlgorithmicMedia'}, false_alarm_rate: null};
	const view = describe(report({label: 'ai_generated', basis: 'declaration', code: 'iptc_ai_generated', evidence: [label, estimate(0.41)]}), {url: 'u'}, en);
	assert.deepEqual(view.findings.map(found => found.strength), ['declaration']);
	assert.equal(view.estimate?.text, 'About 41 in 100 real pictures look at least this much like AI.');
});

test('an estimate that decided is a finding, called an estimate', () => {
	const view = describe(report({label: 'suspected_ai', basis: 'estimate', code: 'detector_estimate', evidence: [estimate(0.005)]}), {url: 'u'}, en);
	assert.equal(view.estimate, null);
	assert.equal(view.findings[0].strengthName, 'Estimate');
	assert.equal(view.findings[0].text, 'About 1 in 200 real pictures look at least this much like AI.');
	assert.deepEqual(view.findings[0].details, [['Model', 'touchstone-1']]);
});

test('what departs from the standard is said in words, field by field', () => {
	const found = {check: 'aigc_label', claim: 'ai_generated', strength: 'declaration', code: 'aigc_label_1', params: AIGC, false_alarm_rate: null};
	const {findings: [{details}]} = describe(report({label: 'ai_generated', basis: 'declaration', code: 'aigc_label_1', evidence: [found]}), {url: 'u'}, en);
	assert.deepEqual(details.find(([name]) => name === en('param_lint')), [
		'Departs from the standard',
		'field Label is missing, field ContentProducer has characters that the standard does not allow, the file has more than one label',
	]);
});

test('watermarks are named where their name is known, and a trust list has an age', () => {
	const code = 'credential_ai_generated_trusted';
	const days = Math.floor((Date.now() - Date.parse('2026-08-05')) / 86_400_000);
	const found = {check: 'content_credentials', claim: 'ai_generated', strength: 'proof', code, params: CREDENTIAL, false_alarm_rate: null};
	const {findings: [{details}]} = describe(report({label: 'ai_generated', basis: 'proof', code, evidence: [found]}), {url: 'u'}, en);
	assert.deepEqual(Object.fromEntries(details)[en('param_soft_binding')], 'Adobe TrustMark P, org.example.other');
	assert.equal(Object.fromEntries(details)[en('param_trust_list')], `2026-08-05, ${days} days old`);
});

test('a mark is described in words: its place, its rule, the rules of the law that it meets', () => {
	const found = {
		check: 'visible_mark', claim: 'suspected_ai', strength: 'declaration', code: 'visible_mark_text',
		params: EVIDENCE.visible_mark_text, false_alarm_rate: null,
	};
	const [{text, details}] = describe(report({label: 'suspected_ai', basis: 'declaration', code: found.code, evidence: [found]}), {url: 'u'}, en).findings;
	assert.ok(text.includes('“AI生成”') && text.includes('lower right'), text);
	assert.deepEqual(Object.fromEntries(details), {
		'Height, % of the shorter side': '5.2', 'Recognised by': 'the words of a label', 'Rules of GB 45438-2025 that it meets': 'words, place, size (5 %)',
	});
});

test('rates are said as a person counts', () => {
	const said = [1, 0.5, 0.11, 0.1, 0.034, 0.001, 0.00042, 0].map(rate => oneIn(en, rate));
	assert.deepEqual(said, ['100 in 100', '50 in 100', '11 in 100', '1 in 10', '1 in 29', '1 in 1\u202F000', '1 in 2\u202F400', '1 in 1\u202F000\u202F000']);
});

test('an empty value reads as unnamed, and unknown codes do not throw', () => {
	const nameless = {signer: '', tool: ''};
	assert.equal(fill(en, 'credential_ai_generated_trusted', nameless),
		'A verified content credential says AI made this picture. Signed by an unnamed party, made with a tool that is not named.');
	assert.match(fill(texts('zh_CN'), 'credential_ai_generated_trusted', nameless), /未注明的工具/);
	assert.equal(fill(en, 'aigc_label_1', {producer: ''}), 'The AIGC label in the file says: AI-generated. Written by an unnamed party.');
	const found = {check: 'new_check', claim: 'x', strength: 'declaration', code: 'new_code', params: {a: 1}, false_alarm_rate: null};
	const view = describe(report({label: 'new_label', basis: 'declaration', code: 'new_code', evidence: [found]}), {url: 'u'}, en);
	assert.equal(view.findings[0].text, 'new_code');
	assert.equal(view.name, 'new_label');
	assert.ok(describeFailure({code: 'weird'}, {url: 'u'}, en).sentence.includes('weird'));
});

test('the file that was checked is named: size, address, SHA-256', () => {
	const {facts} = describe(report({}), {url: 'https://cdn.example.com/a.webp?w=800'}, en);
	assert.deepEqual(facts.map(([, value]) => value), ['JPEG, 640 × 426', 'https://cdn.example.com/a.webp?w=800', 'ab'.repeat(32)]);
});
