import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { Webhook as StandardWebhook } from 'standardwebhooks';
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

test('This engine writes JSON as the service is taught that it does', () => {
    for (const [text, written] of read('ecmascript-json.json')) {
        assert.equal(JSON.stringify(JSON.parse(text)), written, text);
    }
});
