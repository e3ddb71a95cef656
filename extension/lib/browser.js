/** The one place where Firefox's and Chromium's names for the extension API meet. */

/** @type {typeof chrome} */
// @ts-ignore: only Firefox has `browser`.
export const browser = globalThis.browser ?? globalThis.chrome;
