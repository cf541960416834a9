// Named checks, counted. The last line of a script is `N passed, N failed`, and its exit code is 1 when one failed.

import assert from 'node:assert/strict';

export const sandbox = JSON.parse(process.env.SANDBOX);
export { assert };
export const same = assert.deepEqual;

let [passed, failed] = [0, 0];

/** Runs `body` at once, as one check: it fails by throwing. */
export async function check(name, body) {
  try {
    await body();
    passed += 1;
    console.log(`ok     ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${name}\n${error.stack}`);
  }
}

/** The error that a call must be refused with. */
export async function refused(call) {
  let answer;
  try {
    answer = await call();
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: `a refusal was expected, not ${JSON.stringify(answer)}` });
}

export function done() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}
