import assert from 'node:assert/strict';
import test from 'node:test';
import { verifyWebhookSignature } from 'hook0-client';
import { at } from '../harness/clock.js';
import { contract } from '../harness/contract.js';
import { Customer } from '../harness/platform.js';

const tolerance = 300; // seconds; the package leaves it to the receiver
const accepts = (secret, { headers, body }) => verifyWebhookSignature(headers['x-hook0-signature'], body, new Headers(headers), secret, tolerance);
const fields = { profile: 'hook0' };

contract('hook0-client', { fields, accepts, lists: false });

test('hook0-client accepts within its tolerance, and not beyond', async (t) => {
    const customer = await Customer.of(t);
    const { secret } = await customer.webhook(fields);
    const arrival = await customer.delivered('{"order":4711}', 'order.paid');
    const signed = Number(/^t=(\d+),/.exec(arrival.headers['x-hook0-signature'])[1]) * 1000;

    for (const way of [-1, 1]) {
        at(signed + way * tolerance * 1000, () => accepts(secret, arrival));
        at(signed + way * (tolerance + 1) * 1000, () => assert.throws(() => accepts(secret, arrival)));
    }
    assert.equal(arrival.headers['x-event-type'], 'order.paid');
});
