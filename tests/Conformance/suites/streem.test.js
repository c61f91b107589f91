import assert from 'node:assert/strict';
import test from 'node:test';
import { contract } from '../harness/contract.js';
import { Customer, call, send } from '../harness/platform.js';
import { validate, validators } from '../harness/streem.js';

/** As the vendor's documentation calls it. */
const secret = 'ClickToVideo Example Signing Key Secret';
const scheme = { signature_scheme: 'streem' };

const sentAt = ({ headers }) => Date.parse(headers['streem-sent-at']);

/** What a validator makes of it whose clock is right: how fast this machine is should not matter here. */
const accepts = (validator, key, arrival) => validate(validator, key, arrival, sentAt(arrival));

async function given(t, fields = {}) {
    const customer = await Customer.of(t);
    const webhook = await customer.webhook({ ...scheme, ...fields });
    await call('POST', `/v1/webhooks/${webhook.sid}/signing-keys`, { shared_secret: secret, label: 'Example' });
    return { customer, webhook };
}

for (const [name, validator] of Object.entries(validators)) {
    const title = `Streem's ${name} validator`;

    contract(title, {
        fields: scheme,
        accepts: (key, arrival) => accepts(validator, key, arrival),
        // What a receiver reads from it, in the one form that stays itself when it is written again.
        holds: ({ text }, payload) => {
            assert.equal(JSON.stringify(JSON.parse(text)), text);
            assert.equal(JSON.stringify(JSON.parse(text).event.payload), JSON.stringify(JSON.parse(payload)));
        },
    });

    test(`${title} accepts a secret that is no base64`, async (t) => {
        const { customer, webhook } = await given(t);
        const arrival = await customer.delivered();
        accepts(validator, secret, arrival);
        accepts(validator, webhook.secret, arrival);
    });

    test(`${title} accepts signed headers, and refuses them once changed`, async (t) => {
        const { customer } = await given(t, {
            headers: [
                { name: 'X-Zone', value: 'eu west', include_in_request_signature: true },
                { name: 'X-Streem-API-Key-ID', value: 'api_123', include_in_request_signature: true },
                { name: 'X-Plain', value: 'not signed' },
            ],
        });
        const arrival = await customer.delivered();
        const changed = (name) => ({ ...arrival, headers: { ...arrival.headers, [name]: 'changed' } });

        assert.equal(arrival.headers['streem-signature-headers'], 'Streem-Sent-At:X-Streem-API-Key-ID:X-Zone');
        accepts(validator, secret, arrival);
        accepts(validator, secret, changed('x-plain'));
        assert.throws(() => accepts(validator, secret, changed('x-zone')), /No signature matches/);
    });

    test(`${title} accepts to the edge of its window, and not beyond`, async (t) => {
        const { customer } = await given(t);
        const arrival = await customer.delivered();
        for (const way of [-1, 1]) {
            validate(validator, secret, arrival, sentAt(arrival) + way * validator.window);
            assert.throws(() => validate(validator, secret, arrival, sentAt(arrival) + way * (validator.window + 1)), /another time/);
        }
    });
}

test('A receiver that allows 500 milliseconds takes retries too: each attempt says when it was sent', async (t) => {
    const { customer } = await given(t, { retry_policy: { kind: 'fixed', interval_ms: 700 } });
    const taken = [];
    const over = new Promise((resolve) => {
        customer.receiver.answer = (arrival) => {
            // By the machine's clock. Should the machine be slow, an attempt comes too late, and another follows.
            validate(validators.older, secret, arrival);
            taken.push(sentAt(arrival));
            return taken.length < 2 ? 503 : (resolve(), 200);
        };
    });
    await customer.emit();
    await over;
    assert.ok(taken[1] - taken[0] >= 700);
});

test('The body says when it was sent, the type and the payload', async (t) => {
    const { customer } = await given(t);
    const arrival = await customer.delivered('{"updated_group_reservation":{"id":7}}', 'group_reservation_updated');

    assert.match(arrival.headers['streem-sent-at'], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.equal(arrival.text, JSON.stringify({
        sent_at: arrival.headers['streem-sent-at'],
        event: { event_type: 'group_reservation_updated', payload: { updated_group_reservation: { id: 7 } } },
    }));
});

test('The list of signatures holds 64 hex digits for each key and nothing else', async (t) => {
    const { customer } = await given(t);
    assert.match((await customer.delivered()).headers['streem-signature'], /^[0-9a-f]{64},[0-9a-f]{64}$/);
});

test('Headers that validators cannot read are refused when they are set', async (t) => {
    const customer = await Customer.of(t);
    for (const [name, value] of [['X-Empty', ''], ['X-Semicolon', 'a;b'], ['X-Lines', 'a\r\nb'], ['X:Colon', 'a']]) {
        const { status } = await send('POST', '/v1/webhooks', {
            company_sid: customer.sid, url: customer.receiver.url, ...scheme, headers: [{ name, value, include_in_request_signature: true }],
        });
        assert.equal(status, 422, name);
    }
});

for (const method of ['PUT', 'PATCH', 'DELETE']) {
    test(`A ${method} request is signed as a POST is`, async (t) => {
        const { customer } = await given(t, { method });
        const arrival = await customer.delivered();
        assert.equal(arrival.method, method);
        accepts(validators.current, secret, arrival);
    });
}

test('A GET request is signed over its query, in the place of a body', async (t) => {
    const customer = await Customer.of(t);
    const webhook = await customer.webhook({ ...scheme, method: 'GET', url: `${customer.receiver.url}?tenant=7` });
    const arrival = await customer.delivered();
    assert.equal(arrival.body.length, 0);
    accepts(validators.current, webhook.secret, { ...arrival, text: arrival.url.slice(arrival.url.indexOf('?') + 1) });
});
