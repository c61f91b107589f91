import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import { contract } from '../harness/contract.js';
import { clients, keyOf } from '../harness/getstream.js';
import { Customer } from '../harness/platform.js';

const message = '{"type":"message.new","cid":"messaging:7","message":{"text":"Köln </script>"}}';

for (const [name, open] of Object.entries(clients)) {
    /** A company whose backend has this client. */
    async function given(t) {
        const customer = await Customer.of(t);
        const key = await keyOf(customer);
        const hook = (more = {}) => ({ hook_type: 'webhook', enabled: true, event_types: ['message.new'], webhook_url: customer.receiver.url, ...more });
        return { customer, key, client: open(key.sid, key.secret), hook };
    }

    contract(name, {
        fields: { profile: 'getstream' },
        accepts: (secret, arrival) => assert.ok(open('unused', secret).accepts(arrival)),
        lists: false,
    });

    test(`${name} sets a hook, reads it back, and accepts what it is sent`, async (t) => {
        const { customer, key, client, hook } = await given(t);
        await client.update({ event_hooks: [hook()] });
        const [{ id, ...shown }] = (await client.read()).event_hooks;
        assert.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        assert.deepEqual([shown.hook_type, shown.enabled, shown.event_types, shown.webhook_url], ['webhook', true, ['message.new'], customer.receiver.url]);

        const arrival = await customer.delivered(message, 'message.new');
        assert.ok(client.accepts(arrival));
        assert.equal(client.parse(arrival).type, 'message.new');
        assert.equal(arrival.text, message);
        assert.equal(arrival.headers['x-api-key'], key.sid);
        assert.equal(arrival.headers['x-webhook-attempt'], '1');
        assert.match(arrival.headers['x-signature'], /^[0-9a-f]{64}$/);
    });

    test(`${name} changes the hooks that it names, makes those it does not, and deletes those it leaves out`, async (t) => {
        const { client, hook } = await given(t);
        await client.update({ event_hooks: [hook(), hook({ event_types: ['user.updated'] })] });
        const [first, second] = (await client.read()).event_hooks;

        await client.update({ event_hooks: [{ ...first, enabled: false }, hook({ id: randomUUID(), event_types: ['channel.created'] })] });
        const after = (await client.read()).event_hooks;
        assert.deepEqual(after.map((h) => [h.enabled, h.event_types[0]]).sort(), [[false, 'message.new'], [true, 'channel.created']]);
        assert.ok(after.some(({ id }) => id === first.id) && after.every(({ id }) => id !== second.id));

        await client.update({ event_hooks: [] });
        assert.deepEqual((await client.read()).event_hooks, []);
    });

    test(`${name} gets every type, future ones too, where a hook names none`, async (t) => {
        const { customer, client, hook } = await given(t);
        await client.update({ event_hooks: [hook({ event_types: [] })] });
        assert.ok(client.accepts(await customer.delivered('{"type":"made.up.today"}', 'made.up.today')));
    });

    test(`${name} accepts each attempt under one id`, async (t) => {
        const { customer, client, hook } = await given(t);
        await client.update({ event_hooks: [hook()] });
        customer.receiver.answer = ({ headers }) => headers['x-webhook-attempt'] === '1' ? 503 : 200;
        await customer.emit(message, 'message.new');
        const arrivals = await customer.receiver.arrivals(2);
        assert.ok(arrivals.every(client.accepts));
        assert.deepEqual(arrivals.map(({ headers }) => headers['x-webhook-attempt']), ['1', '2']);
        assert.equal(arrivals[0].headers['x-webhook-id'], arrivals[1].headers['x-webhook-id']);
    });

    test(`${name} unpacks and accepts compressed bodies, and sends none unless asked`, async (t) => {
        const { customer, client, hook } = await given(t);
        await client.update({ event_hooks: [hook()] });
        await client.update({ enable_hook_payload_compression: true });
        const arrival = await customer.delivered(message, 'message.new');
        assert.equal(arrival.headers['content-encoding'], 'gzip');
        assert.equal(client.parse(arrival).type, 'message.new');

        await client.update({ enable_hook_payload_compression: false });
        await customer.emit(message, 'message.new');
        const [, plain] = await customer.receiver.arrivals(2);
        assert.equal(plain.headers['content-encoding'], undefined);
        assert.ok(client.accepts(plain));
    });

    test(`${name} sets and reads the fields from before there were several hooks`, async (t) => {
        const { customer, client } = await given(t);
        await client.update({ webhook_url: customer.receiver.url, webhook_events: ['message.new'] });
        const app = await client.read();
        assert.deepEqual([app.webhook_url, app.webhook_events], [customer.receiver.url, ['message.new']]);
        assert.ok(client.accepts(await customer.delivered(message, 'message.new')));
    });

    test(`${name} is told what is wrong with a hook, and that another secret is none`, async (t) => {
        const { client, key, hook } = await given(t);
        await assert.rejects(client.update({ event_hooks: [hook({ webhook_url: 'no url' })] }), /webhook_url/);
        await assert.rejects(open(key.sid, 'another-secret-that-is-long-enough-for-hs256').read(), /code/);
    });
}
