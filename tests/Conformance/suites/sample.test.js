import assert from 'node:assert/strict';
import { request } from 'node:http';
import test from 'node:test';
import { Customer, call, deliveryOf } from '../harness/platform.js';
import { Sample } from '../harness/sample.js';

const payload = '{"order":4711,"text":"Köln </script>"}';
const unlimited = { retry_policy: { kind: 'fixed', interval_ms: 600_000 } };

/** A webhook of a customer's, and the sample that it goes to: with its key unless others are given. */
async function given(t, fields, keysOf = async ({ secret }) => [secret], scheme = fields.signature_scheme) {
    const customer = await Customer.of(t);
    const webhook = await customer.webhook({ ...fields, ...unlimited });
    const sample = await Sample.start(t, scheme, ...await keysOf(webhook));
    await goTo(sample, webhook);
    return { customer, webhook, sample };
}

const goTo = (sample, { sid }) => call('PATCH', `/v1/webhooks/${sid}`, { url: `${sample.url}/hooks/orders` });
const tried = (event, count = 1) => deliveryOf(event, ({ attempt_count: made }) => made >= count);
const outcomes = ({ attempts }) => attempts.map(({ outcome, status_code: status }) => [outcome, status]);

/** Where each scheme says which event it is. */
const ids = {
    standard: 'webhook-id', svix: 'svix-id', streem: 'webhook-id', getstream: 'X-WEBHOOK-ID', stripe: 'webhook-id', github: 'X-GitHub-Delivery', shopify: 'X-Shopify-Webhook-Id', hook0: 'X-Event-Id',
};

for (const [scheme, header] of Object.entries(ids)) {
    test(`The sample takes what is signed as ${scheme}, and refuses with 401 what another key signed`, async (t) => {
        const { customer, webhook, sample } = await given(t, { signature_scheme: scheme });
        const event = await customer.emit(payload);
        const delivery = await tried(event);
        assert.deepEqual([delivery.status, outcomes(delivery)], ['succeeded', [['succeeded', 200]]]);
        const { value: id } = delivery.attempts[0].request_headers.find(({ name }) => name.toLowerCase() === header.toLowerCase());
        assert.deepEqual(await sample.handled(1), [id]);

        const stranger = await Sample.start(t, scheme, `whsec_${Buffer.alloc(32, 1).toString('base64')}`);
        await goTo(stranger, webhook);
        const refused = await tried(await customer.emit(payload));
        assert.deepEqual([refused.status, refused.last_error_class, outcomes(refused)], ['pending', 'status', [['failed', 401]]]);
        assert.ok(refused.next_attempt_at);
    });
}

test('The sample takes what a key pair signed by the public key alone', async (t) => {
    const publicKeys = async ({ sid }) => (await call('GET', `/v1/webhooks/${sid}/public-keys`)).keys.map(({ public_key: key }) => key);
    const { customer, sample } = await given(t, { signature_scheme: 'standard_ed25519' }, publicKeys);
    const event = await customer.emit(payload);
    assert.equal((await tried(event)).status, 'succeeded');
    assert.deepEqual(await sample.handled(1), [event.sid]);
});

test('What was refused for a wrong key goes through by a later attempt, once the receiver knows the right one', async (t) => {
    const { customer, webhook } = await given(t, { signature_scheme: 'standard' }, async () => [`whsec_${Buffer.alloc(32, 1).toString('base64')}`]);
    const event = await customer.emit(payload);
    const { sid } = await tried(event);
    const knowing = await Sample.start(t, 'standard', webhook.secret);
    await goTo(knowing, webhook);
    await call('POST', `/v1/deliveries/${sid}/~retry`);

    const delivery = await tried(event, 2);
    assert.deepEqual([delivery.status, outcomes(delivery)], ['succeeded', [['failed', 401], ['succeeded', 200]]]);
    assert.deepEqual(await knowing.handled(1), [event.sid]);
});

test('What comes again is answered and not handled again: a resend, and a replay by somebody who listened', async (t) => {
    const { customer, sample } = await given(t, { signature_scheme: 'standard' });
    const first = await customer.emit(payload);
    const { sid, attempts: [{ request_headers: headers, request_body: body }] } = await tried(first);

    await call('POST', `/v1/deliveries/${sid}/~retry`);
    assert.deepEqual(outcomes(await tried(first, 2)), [['succeeded', 200], ['succeeded', 200]]);

    assert.equal(await replay(sample, headers, body), 200);
    assert.equal(await replay(sample, headers, body.replace('4711', '4712')), 401);
    const renamed = headers.map((header) => header.name.toLowerCase() === 'webhook-id' ? { ...header, value: 'evt_another' } : header);
    assert.equal(await replay(sample, renamed, body), 401);

    // One more, whose line comes after all that there could have been of the others.
    const last = await customer.emit(payload);
    assert.deepEqual(await sample.handled(2), [first.sid, last.sid]);
});

/** Sends once more what the audit shows of an attempt. @returns {Promise<number>} the status of the answer */
async function replay(sample, headers, body) {
    const kept = headers.filter(({ name }) => !['host', 'content-length', 'connection'].includes(name.toLowerCase()));
    const response = await new Promise((resolve, reject) => {
        request(`${sample.url}/hooks/orders`, { method: 'POST', headers: Object.fromEntries(kept.map(({ name, value }) => [name, value])) }, resolve).on('error', reject).end(body);
    });
    response.resume();
    return response.statusCode;
}
