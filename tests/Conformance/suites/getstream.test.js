import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import { StreamClient } from '@stream-io/node-sdk';
import { StreamChat } from 'stream-chat';
import * as aws from '../harness/aws.js';
import { contract } from '../harness/contract.js';
import { Customer, address, call } from '../harness/platform.js';

const timeout = 30_000;

/** What both clients say to a request, or to what came out of a queue. */
const judge = (client) => ({
    accepts: ({ body, headers }) => client.verifyWebhook(body, headers['x-signature']),
    parse: ({ body, headers }) => client.verifyAndParseWebhook(body, headers['x-signature']),
    parseSqs: (body) => client.parseSqs(body),
    parseSns: (body) => client.parseSns(body),
});

/** What they call otherwise each. */
const clients = {
    'stream-chat': (key, secret) => {
        const client = new StreamChat(key, secret, { baseURL: address, timeout });
        return {
            ...judge(client),
            update: (settings) => client.updateAppSettings(settings),
            read: async () => (await client.getAppSettings()).app,
            checkSqs: (settings) => client.testSQSSettings(settings),
        };
    },
    '@stream-io/node-sdk': (key, secret) => {
        const client = new StreamClient(key, secret, { basePath: address, timeout });
        return {
            ...judge(client),
            update: (settings) => client.updateApp(settings),
            read: async () => (await client.getApp()).app,
            checkSqs: (settings) => client.checkSQS(settings),
        };
    },
};

const message = '{"type":"message.new","cid":"messaging:7","message":{"text":"Köln </script>"}}';

for (const [name, open] of Object.entries(clients)) {
    /** A company whose backend has this client. */
    async function given(t) {
        const customer = await Customer.of(t);
        const { api_key: key } = await call('POST', `/v1/companies/${customer.sid}/api-keys`, { label: 'GetStream', scopes: ['manage', 'read'], kind: 'shared_secret' });
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

    test(`${name} checks a queue, and reads what a hook puts into it`, async (t) => {
        const { customer, client } = await given(t);
        customer.receiver.answer = aws.sqs;
        const queue = `${new URL(customer.receiver.url).origin}/000000000000/events`;
        const access = { sqs_auth_type: 'keys', sqs_key: aws.keys.accessKeyId, sqs_secret: aws.keys.secretAccessKey };
        await client.update({ event_hooks: [{ hook_type: 'sqs', enabled: true, event_types: [], sqs_queue_url: queue, sqs_region: aws.region, ...access }] });

        const arrival = await customer.delivered(message, 'message.new');
        assert.equal(arrival.refusal, undefined);
        const { MessageBody, MessageAttributes } = JSON.parse(arrival.text);
        assert.deepEqual(client.parseSqs(MessageBody).message, JSON.parse(message).message);
        // Clients of today pass over it; those of before were told to look at it.
        const [, signature] = Object.entries(MessageAttributes).find(([attribute]) => attribute.toLowerCase() === 'x-signature');
        assert.ok(client.accepts({ body: message, headers: { 'x-signature': signature.StringValue } }));

        assert.equal((await client.checkSqs({})).status, 'ok');
        customer.receiver.answer = () => 403;
        assert.equal((await client.checkSqs({})).status, 'error');
    });

    test(`${name} reads what is published to a topic, packed, as its subscribers get it`, async (t) => {
        const { customer, client } = await given(t);
        customer.receiver.answer = aws.sns;
        const access = { kind: 'keys', access_key_id: aws.keys.accessKeyId, secret_access_key: aws.keys.secretAccessKey };
        const topic = { kind: 'sns', topic_arn: `arn:aws:sns:${aws.region}:000000000000:events`, endpoint_url: new URL(customer.receiver.url).origin };
        await customer.webhook({ url: undefined, profile: 'getstream', transport: { compression: 'gzip' }, destination: { ...topic, access, encoding: 'base64' } });

        const arrival = await customer.delivered(message, 'message.new');
        assert.equal(arrival.refusal, undefined);
        const published = new URLSearchParams(arrival.text).get('Message');
        for (const text of [published, JSON.stringify({ Type: 'Notification', Message: published })]) {
            assert.deepEqual(client.parseSns(text).message, JSON.parse(message).message);
        }
    });
}
