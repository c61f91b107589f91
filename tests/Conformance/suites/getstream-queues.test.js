import assert from 'node:assert/strict';
import test from 'node:test';
import * as aws from '../harness/aws.js';
import { clients, keyOf } from '../harness/getstream.js';
import { Customer } from '../harness/platform.js';
import { closedOrigin } from '../harness/receiver.js';

const message = '{"type":"message.new","cid":"messaging:7","message":{"text":"Köln </script>"}}';
const { accessKeyId, secretAccessKey } = aws.keys;
const origin = ({ receiver }) => new URL(receiver.url).origin;
const path = '/000000000000/events';
const topic = `arn:aws:sns:${aws.region}:000000000000:events`;

/**
 * What both have in common that GetStream's check_sqs and check_sns ask for: where a message goes, and what comes of it.
 * A fake of Amazon on loopback stands in a queue's URL; a topic has none, so the webhook that the hook is names it.
 */
const kinds = {
    sqs: {
        answer: aws.sqs,
        check: (client, settings) => client.checkSqs(settings),
        configure: (customer, client, at) => client.update({
            event_hooks: [{
                hook_type: 'sqs', enabled: true, event_types: [], sqs_queue_url: at + path, sqs_region: aws.region, sqs_auth_type: 'keys', sqs_key: accessKeyId, sqs_secret: secretAccessKey,
            }],
        }),
        address: ({ text }) => JSON.parse(text).QueueUrl,
        read: (client, { text }) => client.parseSqs(JSON.parse(text).MessageBody),
        unknown: { status: 400, body: '{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}' },
        code: 'QueueDoesNotExist',
        // Where a queue's URL tells no region, Amazon's own tools take this one for granted.
        other: (at) => ({ given: { sqs_url: `${at}/000000000000/other`, sqs_key: accessKeyId, sqs_secret: secretAccessKey }, is: `${at}/000000000000/other`, region: 'us-east-1' }),
        secret: (value) => ({ sqs_key: accessKeyId, sqs_secret: value }),
        nowhere: (at) => ({ sqs_url: at + path, sqs_key: accessKeyId, sqs_secret: secretAccessKey }),
        malformed: [{ sqs_url: 'ftp://queue.example/bar', sqs_key: 'k', sqs_secret: 's' }, /sqs_url/],
    },
    sns: {
        answer: aws.sns,
        check: (client, settings) => client.checkSns(settings),
        configure: (customer, client, at) => customer.webhook({
            url: undefined,
            profile: 'getstream',
            destination: { kind: 'sns', topic_arn: topic, endpoint_url: at, access: { kind: 'keys', access_key_id: accessKeyId, secret_access_key: secretAccessKey }, encoding: 'base64' },
        }),
        address: ({ text }) => new URLSearchParams(text).get('TopicArn'),
        read: (client, { text }) => client.parseSns(new URLSearchParams(text).get('Message')),
        unknown: { status: 404, body: '<ErrorResponse><Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic does not exist</Message></Error></ErrorResponse>' },
        code: 'NotFound',
        other: () => ({ given: { sns_topic_arn: `${topic}-other` }, is: `${topic}-other`, region: aws.region }),
        secret: (value) => ({ sns_key: accessKeyId, sns_secret: value }),
        malformed: [{ sns_topic_arn: 'arn:aws:sns:nowhere', sns_key: 'k', sns_secret: 's' }, /sns_topic_arn/],
    },
};

for (const [name, open] of Object.entries(clients)) {
    /** A company whose backend has this client. */
    async function given(t) {
        const customer = await Customer.of(t);
        const key = await keyOf(customer);
        return { customer, client: open(key.sid, key.secret) };
    }

    test(`${name} reads what a hook puts into a queue`, async (t) => {
        const { customer, client } = await given(t);
        customer.receiver.answer = aws.sqs;
        await kinds.sqs.configure(customer, client, origin(customer));

        const arrival = await customer.delivered(message, 'message.new');
        assert.equal(arrival.refusal, undefined);
        const { MessageBody, MessageAttributes } = JSON.parse(arrival.text);
        assert.deepEqual(client.parseSqs(MessageBody).message, JSON.parse(message).message);
        // Clients of today pass over it; those of before were told to look at it.
        const [, signature] = Object.entries(MessageAttributes).find(([attribute]) => attribute.toLowerCase() === 'x-signature');
        assert.ok(client.accepts({ body: message, headers: { 'x-signature': signature.StringValue } }));
    });

    test(`${name} reads what is published to a topic, packed, as its subscribers get it`, async (t) => {
        const { customer, client } = await given(t);
        customer.receiver.answer = aws.sns;
        const access = { kind: 'keys', access_key_id: accessKeyId, secret_access_key: secretAccessKey };
        const destination = { kind: 'sns', topic_arn: topic, endpoint_url: origin(customer), access, encoding: 'base64' };
        await customer.webhook({ url: undefined, profile: 'getstream', transport: { compression: 'gzip' }, destination });

        const arrival = await customer.delivered(message, 'message.new');
        assert.equal(arrival.refusal, undefined);
        const published = new URLSearchParams(arrival.text).get('Message');
        for (const text of [published, JSON.stringify({ Type: 'Notification', Message: published })]) {
            assert.deepEqual(client.parseSns(text).message, JSON.parse(message).message);
        }
    });

    for (const [kind, { answer, check, configure, address, read, unknown, code, other, secret, nowhere, malformed }] of Object.entries(kinds)) {
        test(`${name} checks the ${kind} that is configured: one message, which it can read`, async (t) => {
            const { customer, client } = await given(t);
            customer.receiver.answer = answer;
            await configure(customer, client, origin(customer));
            const { status, error, duration } = await check(client, {});

            assert.deepEqual([status, error], ['ok', undefined]);
            assert.match(duration, /ms$/);
            const [arrival, ...more] = await customer.receiver.arrivals(1);
            assert.deepEqual([arrival.refusal, more], [undefined, []]);
            assert.equal(address(arrival), kind === 'sqs' ? origin(customer) + path : topic);
            assert.equal(read(client, arrival).type, 'hook.check');
        });

        test(`${name} checks another ${kind} than the one that is configured, and configures nothing by it`, async (t) => {
            const { customer, client } = await given(t);
            await configure(customer, client, origin(customer));
            const { given: settings, is, region } = other(origin(customer));
            const [before] = (await client.read()).event_hooks;
            customer.receiver.answer = (arrival) => answer(arrival, region);

            assert.equal((await check(client, settings)).status, 'ok');
            assert.equal(address(await customer.receiver.arrival()), is);
            assert.deepEqual((await client.read()).event_hooks, [before]);
        });

        test(`${name} is told what Amazon says of a ${kind} that does not take the message`, async (t) => {
            const { customer, client } = await given(t);
            await configure(customer, client, origin(customer));
            customer.receiver.answer = () => unknown;
            const refused = await check(client, {});
            assert.equal(refused.status, 'error');
            assert.match(refused.error, new RegExp(code));
            assert.equal(refused.data.status_code, unknown.status);

            // The judge of signatures answers 401; the keys that were given are told to nobody.
            customer.receiver.answer = answer;
            const forged = await check(client, secret('another-secret'));
            assert.equal(forged.status, 'error');
            assert.equal(forged.data.status_code, 401);
            assert.doesNotMatch(JSON.stringify(forged), /another-secret/);
            assert.match((await customer.receiver.arrivals(2))[1].refusal.message, /Signed as/);
            assert.equal((await check(client, {})).status, 'ok');
        });

        test(`${name} is told of a ${kind} that nobody listens at, that is none, or that is not configured`, async (t) => {
            const { customer, client } = await given(t);
            const none = await check(client, {});
            assert.deepEqual([none.status, none.data], ['error', undefined]);
            assert.match(none.error, kind === 'sqs' ? /sqs_url/ : /sns_topic_arn/);

            const [settings, fault] = malformed;
            assert.match((await check(client, settings)).error, fault);

            const closed = await closedOrigin();
            if (!nowhere) {
                await configure(customer, client, closed);
            }
            const unreachable = await check(client, nowhere?.(closed) ?? {});
            assert.deepEqual([unreachable.status, unreachable.data], ['error', undefined]);
            assert.match(unreachable.error, /refused|connect/i);
        });
    }
}
