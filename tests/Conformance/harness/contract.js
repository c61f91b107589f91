import assert from 'node:assert/strict';
import test from 'node:test';
import { awkward, megabyte } from './payloads.js';
import { Customer, rotate } from './platform.js';

/**
 * What every way of signing owes its receivers, whoever wrote their verifier.
 * @param {string} verifier its name
 * @param {object} how
 * @param {object} [how.fields] of the webhook
 * @param {(secret: string, arrival: Arrival) => any} how.accepts throws, or rejects, where the verifier refuses
 * @param {(arrival: Arrival, payload: string) => void} [how.holds] that the payload is there; byte for byte unless told
 * @param {boolean} [how.lists] whether a request can carry several signatures; else the older key signs while keys overlap
 */
export function contract(verifier, { fields = {}, accepts, holds = holdsBytes, lists = true }) {
    const refuses = (secret, arrival) => assert.rejects(async () => accepts(secret, arrival));
    const given = async (t, more = {}) => {
        const customer = await Customer.of(t);
        return { customer, webhook: await customer.webhook({ ...fields, ...more }) };
    };

    test(`${verifier} accepts a delivery, and refuses another body and another secret`, async (t) => {
        const { customer, webhook } = await given(t);
        const arrival = await customer.delivered('{"order":4711}');
        const changed = arrival.text.replace('4711', '4712');

        await accepts(webhook.secret, arrival);
        await refuses(webhook.secret, { ...arrival, text: changed, body: Buffer.from(changed) });
        await refuses(`whsec_${Buffer.alloc(32).toString('base64')}`, arrival);
    });

    test(`${verifier} accepts every attempt`, async (t) => {
        const { customer, webhook } = await given(t, { retry_policy: { kind: 'fixed', interval_ms: 1 } });
        customer.receiver.answer = () => 503;
        await customer.emit();
        for (const arrival of await customer.receiver.arrivals(3)) {
            await accepts(webhook.secret, arrival);
        }
    });

    test(`${verifier} accepts ${lists ? 'both keys' : 'the older key'} while they overlap, and the new one alone afterwards`, async (t) => {
        const { customer, webhook } = await given(t);
        const next = await rotate(webhook, 3600);
        const during = await customer.delivered();
        await accepts(webhook.secret, during);
        await (lists ? accepts : refuses)(next, during);

        const last = await rotate(webhook, 0);
        await customer.emit();
        const [, after] = await customer.receiver.arrivals(2);
        await accepts(last, after);
        await refuses(webhook.secret, after);
        await refuses(next, after);
    });

    for (const [what, payload] of [...Object.entries(awkward), ['a megabyte', megabyte()]]) {
        test(`${verifier} accepts ${what}`, async (t) => {
            const { customer, webhook } = await given(t);
            const arrival = await customer.delivered(payload);
            await accepts(webhook.secret, arrival);
            holds(arrival, payload);
        });
    }
}

function holdsBytes({ body, text }, payload) {
    assert.ok(body.equals(Buffer.from(payload)), `received ${text.slice(0, 200)}`);
}

/** @typedef {import('./receiver.js').Arrival} Arrival */
