import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test from 'node:test';
import { verify, verifyWithFallback } from '@octokit/webhooks-methods';
import { contract } from '../harness/contract.js';
import { Customer, rotate } from '../harness/platform.js';

const signature = ({ headers }) => headers['x-hub-signature-256'];
const accepts = async (secret, arrival) => assert.ok(await verify(secret, arrival.text, signature(arrival)));
const fields = { profile: 'github' };

contract('octokit', { fields, accepts, lists: false });

test('octokit accepts what comes while keys overlap where it is told both', async (t) => {
    const customer = await Customer.of(t);
    const webhook = await customer.webhook(fields);
    const next = await rotate(webhook, 3600);
    const arrival = await customer.delivered();
    assert.ok(await verifyWithFallback(next, arrival.text, signature(arrival), [webhook.secret]));
});

test('A receiver from before the second header accepts what comes', async (t) => {
    const customer = await Customer.of(t);
    const webhook = await customer.webhook(fields);
    const arrival = await customer.delivered();
    assert.equal(arrival.headers['x-hub-signature'], `sha1=${createHmac('sha1', webhook.secret).update(arrival.text).digest('hex')}`);
});

test('A delivery says its event, and a GUID that its attempts share', async (t) => {
    const customer = await Customer.of(t);
    await customer.webhook({ ...fields, retry_policy: { kind: 'fixed', interval_ms: 1 } });
    customer.receiver.answer = () => 503;
    await customer.emit('{"action":"opened"}', 'issues');
    const [first, second] = await customer.receiver.arrivals(2);

    assert.equal(first.headers['x-github-event'], 'issues');
    assert.match(first.headers['x-github-delivery'], /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.equal(second.headers['x-github-delivery'], first.headers['x-github-delivery']);
});
