/** How badges and the card look. Every text is at least 4.5:1 on its ground; no meaning is in colour alone. */

'use strict';

{
	const LAYER = `
	:host {
		all: initial !important;
		position: fixed !important; inset: 0 !important; width: auto !important; height: auto !important;
		margin: 0 !important; border: 0 !important; padding: 0 !important; background: none !important;
		overflow: clip !important; pointer-events: none !important; display: block !important;
		/* "all: initial" leaves the direction as it is, and our words run from left to right on every page. */
		direction: ltr !important; z-index: 2147483647 !important; contain: layout style !important;
	}
	@media print { :host { display: none !important; } }
	* { box-sizing: border-box; }
	[hidden] { display: none !important; }
	.live { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
	`;

	const BADGE = `
	.badge {
		--back: #374151; --ink: #fff; --line: #fff;
		position: absolute; inset: 0 auto auto 0; margin: 0; padding: 0 9px 0 7px; height: 24px; min-width: 24px;
		display: flex; align-items: center; justify-content: center; gap: 5px;
		font: 600 12px/1 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei",
			"Noto Sans CJK SC", sans-serif;
		white-space: nowrap; color: var(--ink); background: var(--back);
		border: 1px solid var(--line); border-radius: 12px; box-shadow: 0 1px 4px rgb(0 0 0 / .4);
		pointer-events: auto; cursor: pointer; user-select: none; will-change: transform;
	}
	.badge svg { width: 13px; height: 13px; flex: none; display: block; }
	.badge:hover { box-shadow: 0 2px 8px rgb(0 0 0 / .55); }
	.badge:focus-visible { outline: 3px solid #1d4ed8; outline-offset: 2px; box-shadow: 0 0 0 2px #fff; }
	.badge[data-size="tight"] { padding: 0 7px; font-size: 11px; }
	.badge[data-size="tight"] svg { display: none; }
	.badge[data-size="mark"] { padding: 0; width: 24px; }
	.badge[data-size="mark"] .word { display: none; }
	${touchstone.colours.rules}
	/* An estimate must not look like a label: other shape, other line, other ground. */
	.suspected_ai { border-style: dashed; border-width: 1.5px; border-radius: 4px; }
	.invalid_credential { border-radius: 6px; }
	/* No label and no answer are quiet: a mark that says its word when asked. */
	.unlabeled, .not_checked { --back: rgb(31 41 55 / .82); --line: rgb(255 255 255 / .85); }
	[data-quiet]:not(:hover, :focus-visible) { padding: 0; width: 24px; background: none; border-color: transparent; box-shadow: none; }
	[data-quiet]:not(:hover, :focus-visible) .word { display: none; }
	[data-quiet]:not(:hover, :focus-visible) svg {
		display: block; width: 15px; height: 15px; padding: 2px; border-radius: 50%; background: var(--back);
		outline: 1px solid var(--line); box-shadow: 0 0 3px rgb(0 0 0 / .5);
	}
	[data-quiet]:is(:hover, :focus-visible) { width: auto; padding: 0 9px 0 7px; background: #1f2937; }
	[data-quiet]:is(:hover, :focus-visible) .word { display: inline; }
	.unlabeled:not([data-quiet]), .not_checked:not([data-quiet]) { background: #1f2937; }
	.measured { visibility: hidden; }
	@media (prefers-reduced-motion: no-preference) {
		.badge { animation: come .15s ease-out; transition: box-shadow .15s; }
		@keyframes come { from { opacity: 0; } }
	}
	@media (forced-colors: active) {
		.badge, .card { border-color: ButtonText; forced-color-adjust: auto; }
		[data-quiet] svg { background: ButtonFace !important; outline-color: ButtonText !important; }
	}
	`;

	const CARD = `
	.card {
		--back: #fff; --ink: #111827; --soft: #4b5563; --line: #d1d5db; --field: #f3f4f6; --link: #1d4ed8;
		position: absolute; inset: 0 auto auto 0; width: min(360px, calc(100vw - 16px)); max-height: min(640px, calc(100vh - 16px));
		overflow: auto; overscroll-behavior: contain; padding: 14px 16px 12px; scroll-padding-bottom: 56px;
		font: 400 13px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei",
			"Noto Sans CJK SC", sans-serif;
		color: var(--ink); background: var(--back); border: 1px solid var(--line); border-radius: 12px;
		box-shadow: 0 12px 32px rgb(0 0 0 / .32); pointer-events: auto; cursor: auto; text-align: start;
		overflow-wrap: anywhere; user-select: text;
	}
	.card:focus { outline: none; }
	.card:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
	.card h2 { margin: 0 32px 6px 0; font-size: 16px; line-height: 1.3; font-weight: 650; text-wrap: balance; }
	.card h3 { margin: 14px 0 5px; font-size: 11.5px; line-height: 1.3; font-weight: 600; color: var(--soft); }
	.card p { margin: 0 0 6px; }
	.card .hint { color: var(--soft); }
	.card ul { list-style: none; margin: 0; padding: 0; }
	.card li { margin: 0 0 6px; padding: 8px 10px; background: var(--field); border-radius: 8px; }
	.card li p:last-child, .card li dl:last-child { margin-bottom: 0; }
	.card .origin { display: flex; gap: 8px; align-items: center; margin-bottom: 3px; font-weight: 600; }
	.card .strength {
		padding: 1px 7px; border-radius: 9px; border: 1px solid currentcolor; font-size: 11px; line-height: 1.4; white-space: nowrap;
	}
	/* The page's words are not the file's: another ground. */
	.card .page { background: none; border: 1px dashed var(--line); }
	.card .estimate .strength { border-style: dashed; border-radius: 3px; }
	.card dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 10px; margin: 4px 0 0; font-size: 12px; }
	.card dt { color: var(--soft); }
	.card dd { margin: 0; min-width: 0; }
	.card .code { font: 11px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
	.card .foot {
		position: sticky; bottom: -12px; margin: 12px -16px -12px; padding: 8px 16px 12px; background: var(--back);
		border-top: 1px solid var(--line);
	}
	.card .more { margin: 4px 6px 0 0; }
	.card .best { padding: 8px 10px; border: 1px solid var(--line); border-radius: 8px; color: var(--ink); background: none; }
	.card .note { margin: 6px 0 0; }
	.card .note:empty { display: none; }
	.card .more {
		padding: 5px 12px; font: inherit; font-weight: 600; color: var(--link); background: none;
		border: 1px solid currentcolor; border-radius: 8px; cursor: pointer;
	}
	.card .more:hover { background: var(--field); }
	.card .more:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
	.card .close {
		position: absolute; inset: 8px 8px auto auto; width: 28px; height: 28px; padding: 0; margin: 0;
		border: 0; border-radius: 8px; color: var(--soft); background: none; cursor: pointer;
	}
	.card .close:hover { background: var(--field); color: var(--ink); }
	.card .close:focus-visible { outline: 2px solid var(--link); }
	.card .close svg { width: 12px; height: 12px; display: block; margin: auto; }
	@media (prefers-color-scheme: dark) {
		.card { --back: #1b1f27; --ink: #f3f4f6; --soft: #b6bdc9; --line: #3b4350; --field: #262c36; --link: #93b4ff; }
	}
	`;

	touchstone.style = LAYER + BADGE + CARD;
}
