import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import test from 'node:test';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { Webhook as SvixWebhook } from 'svix';
import { Customer, call, rotate } from '../harness/platform.js';
import { validate, validators } from '../harness/streem.js';

test('svix accepts a delivery under its own header names, rotation included', async (t) => {
    const customer = await Customer.of(t);
    const webhook = await customer.webhook({ profile: 'svix' });
    const next = await rotate(webhook, 3600);
    const { text, headers } = await customer.delivered('{"order":4711}');

    assert.deepEqual(Object.keys(headers).filter((name) => name.startsWith('svix-')), ['svix-id', 'svix-timestamp', 'svix-signature']);
    for (const secret of [webhook.secret, next]) {
        assert.deepEqual(new SvixWebhook(secret).verify(text, headers), { order: 4711 });
    }
});

test('One request carries the signatures of several schemes, for a receiver that moves from one to the other', async (t) => {
    const customer = await Customer.of(t);
    const { secret } = await customer.webhook({ signatures: [{ scheme: 'standard' }, { scheme: 'stripe' }] });
    const { text, headers } = await customer.delivered('{"order":4711}');

    new StandardWebhook(secret).verify(text, headers);
    new Stripe('sk_test_unused').webhooks.constructEvent(text, headers['stripe-signature'], secret);
});

test('A key pair signs what its published half verifies, and the packages that know secrets alone pass over it', async (t) => {
    const customer = await Customer.of(t);
    const webhook = await customer.webhook({ signatures: [{ scheme: 'standard' }, { scheme: 'standard_ed25519' }] });
    const { keys: [jwk] } = await call('GET', `/v1/webhooks/${webhook.sid}/public-keys`);
    const { text, headers } = await customer.delivered();

    const signature = headers['webhook-signature'].split(' ').find((item) => item.startsWith('v1a,')).slice('v1a,'.length);
    const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`;
    assert.ok(verify(null, Buffer.from(content), createPublicKey({ key: jwk, format: 'jwk' }), Buffer.from(signature, 'base64')));
    new StandardWebhook(webhook.secret).verify(text, headers);
});

test('The profile streem signs and frames as the scheme does', async (t) => {
    const customer = await Customer.of(t);
    const { secret } = await customer.webhook({ profile: 'streem' });
    const arrival = await customer.delivered('{"id":7}', 'group_reservation_updated');
    for (const validator of Object.values(validators)) {
        validate(validator, secret, arrival, Date.parse(arrival.headers['streem-sent-at']));
    }
});
