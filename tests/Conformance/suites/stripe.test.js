import assert from 'node:assert/strict';
import test from 'node:test';
import Stripe from 'stripe';
import { at } from '../harness/clock.js';
import { contract } from '../harness/contract.js';
import { Customer } from '../harness/platform.js';

const { webhooks } = new Stripe('sk_test_unused');
const accepts = (secret, { text, headers }) => webhooks.constructEvent(text, headers['stripe-signature'], secret);
const fields = { profile: 'stripe' };

contract('stripe', { fields, accepts });

test('stripe reads the event that was emitted', async (t) => {
    const customer = await Customer.of(t);
    const { secret } = await customer.webhook(fields);
    const event = { id: 'evt_1', object: 'event', type: 'charge.succeeded', data: { object: { id: 'ch_1' } } };
    assert.deepEqual(accepts(secret, await customer.delivered(JSON.stringify(event), event.type)), event);
});

test('stripe accepts requests of up to 300 seconds ago', async (t) => {
    const customer = await Customer.of(t);
    const { secret } = await customer.webhook(fields);
    const arrival = await customer.delivered();
    const signed = Number(/^t=(\d+),/.exec(arrival.headers['stripe-signature'])[1]) * 1000;

    at(signed + 300_000, () => accepts(secret, arrival));
    at(signed + 301_000, () => assert.throws(() => accepts(secret, arrival), /outside the tolerance zone/));
});
