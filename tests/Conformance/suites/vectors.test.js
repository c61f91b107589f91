import assert from 'node:assert/strict';
import { createPublicKey, verify as verifyEd25519 } from 'node:crypto';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { sign as signGitHub, verify as verifyGitHub } from '@octokit/webhooks-methods';
import { StreamClient } from '@stream-io/node-sdk';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { StreamChat } from 'stream-chat';
import Stripe from 'stripe';
import { Webhook as SvixWebhook } from 'svix';
import { at } from '../harness/clock.js';
import { validate, validators } from '../harness/streem.js';

// What the domain's own tests are held to, in C#, is held here to those who know.
const read = (name) => JSON.parse(readFileSync(new URL(`../../Webhooks.Domain.Tests/Signing/${name}`, import.meta.url), 'utf8'));
const vectors = read('signature-vectors.json');

for (const [name, Webhook] of Object.entries({ standardwebhooks: StandardWebhook, svix: SvixWebhook })) {
    test(`${name} makes and accepts the vector of Standard Webhooks`, () => {
        const { secret, id, timestamp, body, signature } = vectors.standard;
        const verifier = new Webhook(secret);
        assert.equal(verifier.sign(id, new Date(timestamp * 1000), body), signature);
        at(timestamp * 1000, () => verifier.verify(body, { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signature }));
    });
}

test("Streem's validator accepts the vector of Streem", () => {
    const { secret, headers, body } = vectors.streem;
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    validate(validators.current, secret, { headers: lower, text: body }, Date.parse(headers['Streem-Sent-At']));
});

test('stripe makes and accepts the vector of Stripe', () => {
    const { secret, timestamp, body, stripe_signature: signature } = vectors.stripe;
    const { webhooks } = new Stripe('sk_test_unused');
    assert.equal(webhooks.generateTestHeaderString({ payload: body, secret, timestamp }), signature);
    at(timestamp * 1000, () => webhooks.constructEvent(body, signature, secret));
});

test('octokit makes and accepts the vector of GitHub', async () => {
    const { secret, body, x_hub_signature_256: signature } = vectors.github;
    assert.equal(await signGitHub(secret, body), signature);
    assert.ok(await verifyGitHub(secret, body, signature));
});

for (const Client of [StreamChat, StreamClient]) {
    test(`${Client.name} accepts the vector of GetStream, packed too where it unpacks`, () => {
        const { secret, body, x_signature: signature } = vectors.getstream;
        const client = new Client('unused', secret);
        assert.ok(client.verifyWebhook(body, signature));
        assert.equal(client.verifyAndParseWebhook(gzipSync(body), signature).type, 'message.new');
        assert.equal(client.verifyWebhook(gzipSync(body), signature), false);
        assert.equal(client.parseSqs(gzipSync(body).toString('base64')).type, 'message.new');
    });
}

test('The vector of key pairs verifies with the published half', () => {
    const { whpk, id, timestamp, body, signature } = vectors.ed25519;
    const x = Buffer.from(whpk.slice('whpk_'.length), 'base64').toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    assert.ok(verifyEd25519(null, Buffer.from(`${id}.${timestamp}.${body}`), key, Buffer.from(signature.slice('v1a,'.length), 'base64')));
});

test('This engine writes JSON as the service is taught that it does', () => {
    for (const [text, written] of read('ecmascript-json.json')) {
        assert.equal(JSON.stringify(JSON.parse(text)), written, text);
    }
});
