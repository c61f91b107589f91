import assert from 'node:assert/strict';
import test from 'node:test';
import { Hook0ClientError, verifyWebhookSignature, verifyWebhookSignatureWithCurrentTime } from 'hook0-client';
import { at } from '../harness/clock.js';
import { contract } from '../harness/contract.js';
import { Customer } from '../harness/platform.js';

const tolerance = 300; // seconds; the package leaves it to the receiver
const accepts = (secret, { headers, body }) => verifyWebhookSignature(headers['x-hook0-signature'], body, new Headers(headers), secret, tolerance);
const fields = { profile: 'hook0' };

contract('hook0-client', { fields, accepts, lists: false });

const name = 'x-hook0-signature';
const sentAt = ({ headers }) => Number(/^t=(\d+),/.exec(headers[name])[1]) * 1000;

test('hook0-client accepts within its tolerance, and not beyond', async (t) => {
    const customer = await Customer.of(t);
    const { secret } = await customer.webhook(fields);
    const arrival = await customer.delivered('{"order":4711}', 'order.paid');
    const acceptsAt = (time) => verifyWebhookSignatureWithCurrentTime(arrival.headers[name], arrival.body, new Headers(arrival.headers), secret, tolerance, new Date(time));

    for (const way of [-1, 1]) {
        const [edge, beyond] = [tolerance, tolerance + 1].map((seconds) => sentAt(arrival) + way * seconds * 1000);
        at(edge, () => accepts(secret, arrival));
        assert.throws(() => at(beyond, () => accepts(secret, arrival)), Hook0ClientError);
        assert.ok(acceptsAt(edge));
        assert.throws(() => acceptsAt(beyond), Hook0ClientError);
    }
});

test('hook0-client accepts the headers that are named, and refuses another event, type or header of ours', async (t) => {
    const customer = await Customer.of(t);
    const headers = [
        { name: 'X-Zone', value: 'eu west, 1', include_in_request_signature: true },
        { name: 'X-Area', value: 'a=b', include_in_request_signature: true },
        { name: 'X-Plain', value: 'not signed' },
    ];
    const { secret } = await customer.webhook({ ...fields, headers });
    const arrival = await customer.delivered('{"order":4711}', 'order.paid');
    const changed = (header) => ({ ...arrival, headers: { ...arrival.headers, [header]: 'changed' } });

    accepts(secret, arrival);
    accepts(secret, changed('x-plain'));
    assert.equal(arrival.headers['x-event-type'], 'order.paid');
    assert.match(arrival.headers['x-event-id'], /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.match(arrival.headers[name], /^t=\d+,h=x-event-id x-event-type x-area x-zone,v1=[0-9a-f]{64}$/);
    for (const header of ['x-event-id', 'x-event-type', 'x-area', 'x-zone']) {
        assert.throws(() => accepts(secret, changed(header)), Hook0ClientError, header);
    }
});

// The package takes v0 where there is no v1. Beside v1 it would let whoever strips v1 change the headers, so v0 is to be asked for.
test('hook0-client accepts the older v0 where a webhook is told to sign so, and its headers are nobody\'s word', async (t) => {
    const customer = await Customer.of(t);
    const custom = {
        signature_header: 'X-Hook0-Signature',
        content: '{{timestamp}}.{{body}}',
        prefix: 't={{timestamp}},v0=',
        headers: [{ name: 'X-Event-Id', value: '{{event_sid}}' }, { name: 'X-Event-Type', value: '{{event_type}}' }],
    };
    const { secret } = await customer.webhook({ signatures: [{ scheme: 'custom', custom }] });
    const arrival = await customer.delivered('{"order":4711}', 'order.paid');

    assert.match(arrival.headers[name], /^t=\d+,v0=[0-9a-f]{64}$/);
    accepts(secret, arrival);
    assert.throws(() => accepts(secret, { ...arrival, body: Buffer.from('{"order":4712}') }), Hook0ClientError);
    assert.throws(() => at(sentAt(arrival) + (tolerance + 1) * 1000, () => accepts(secret, arrival)), Hook0ClientError);
    accepts(secret, { ...arrival, headers: { ...arrival.headers, 'x-event-type': 'order.refunded' } });
});

test('No request carries v0 unless it is asked for, so that none can be made of it whose headers are changed', async (t) => {
    const customer = await Customer.of(t);
    const { secret } = await customer.webhook(fields);
    const arrival = await customer.delivered();
    const { t: time, v1 } = Object.fromEntries(arrival.headers[name].split(',').map((part) => part.split('=')));
    assert.doesNotMatch(arrival.headers[name], /v0=/);
    assert.throws(() => accepts(secret, { ...arrival, headers: { ...arrival.headers, [name]: `t=${time},v0=${v1}` } }), Hook0ClientError);
});
