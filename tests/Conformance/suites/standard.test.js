import assert from 'node:assert/strict';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { at } from '../harness/clock.js';
import { contract } from '../harness/contract.js';
import { Customer, call } from '../harness/platform.js';

for (const [name, Webhook] of Object.entries({ standardwebhooks: StandardWebhook, svix: SvixWebhook })) {
    const accepts = (secret, { text, headers }) => new Webhook(secret).verify(text, headers);

    contract(name, { accepts });

    test(`${name} reads what was emitted, under the id that the platform was told`, async (t) => {
        const customer = await Customer.of(t);
        const { secret } = await customer.webhook();
        const event = await customer.emit('{"order":4711}');
        const arrival = await customer.receiver.arrival();

        assert.deepEqual(accepts(secret, arrival), { order: 4711 });
        assert.equal(arrival.headers['webhook-id'], event.sid);
        assert.throws(() => accepts(secret, { ...arrival, headers: { ...arrival.headers, 'webhook-id': 'evt_other' } }), /No matching signature/);
    });

    test(`${name} accepts a secret that the customer brought`, async (t) => {
        const customer = await Customer.of(t);
        const { sid } = await customer.webhook();
        const secret = `whsec_${Buffer.alloc(64, 7).toString('base64')}`;
        await call('POST', `/v1/webhooks/${sid}/signing-keys`, { shared_secret: secret });

        accepts(secret, await customer.delivered());
    });

    test(`${name} accepts within 300 seconds of its clock, both ways, and not beyond`, async (t) => {
        const customer = await Customer.of(t);
        const { secret } = await customer.webhook();
        const arrival = await customer.delivered();
        const signed = Number(arrival.headers['webhook-timestamp']) * 1000;

        for (const seconds of [-300, 0, 300]) {
            at(signed + seconds * 1000, () => accepts(secret, arrival));
        }
        at(signed + 301_000, () => assert.throws(() => accepts(secret, arrival), /too old/));
        at(signed - 301_000, () => assert.throws(() => accepts(secret, arrival), /too new/));
    });

    test(`${name} accepts an attempt for its own time, under the same id`, async (t) => {
        const customer = await Customer.of(t);
        const { secret } = await customer.webhook({ retry_policy: { kind: 'fixed', interval_ms: 1100 } });
        customer.receiver.answer = ({ headers }) => headers['webhook-attempt'] === '1' ? 503 : 200;
        await customer.emit();
        const [first, second] = await customer.receiver.arrivals(2);

        accepts(secret, second);
        assert.equal(second.headers['webhook-id'], first.headers['webhook-id']);
        assert.ok(Number(second.headers['webhook-timestamp']) > Number(first.headers['webhook-timestamp']));
    });

    test(`${name} accepts a compressed body once it is unpacked`, async (t) => {
        const customer = await Customer.of(t);
        const { secret } = await customer.webhook({ transport: { compression: 'gzip' } });
        const arrival = await customer.delivered('{"order":4711}');

        assert.equal(arrival.headers['content-encoding'], 'gzip');
        assert.deepEqual(accepts(secret, { ...arrival, text: gunzipSync(arrival.body).toString() }), { order: 4711 });
    });
}

test('A GET request is verified over its query', async (t) => {
    const customer = await Customer.of(t);
    const { secret } = await customer.webhook({ method: 'GET', url: `${customer.receiver.url}?tenant=7&x=%20` });
    const { body, url, headers } = await customer.delivered();

    assert.equal(body.length, 0);
    assert.equal(new URL(url, 'http://receiver').searchParams.get('tenant'), '7');
    // By the package's own signer, since its verifier goes on to parse a JSON body.
    const query = url.slice(url.indexOf('?') + 1);
    const expected = new StandardWebhook(secret).sign(headers['webhook-id'], new Date(headers['webhook-timestamp'] * 1000), query);
    assert.equal(headers['webhook-signature'], expected);
});
