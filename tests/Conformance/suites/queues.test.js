import assert from 'node:assert/strict';
import test from 'node:test';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { isBatch, keys, region, sns, sqs, sqsBatch } from '../harness/aws.js';
import { call, Customer } from '../harness/platform.js';

const access = { kind: 'keys', access_key_id: keys.accessKeyId, secret_access_key: keys.secretAccessKey };
const origin = ({ url }) => new URL(url).origin;

/** What must not differ between the vendor's client and us. */
const shape = ({ method, url, headers }) => ({
    method,
    url,
    target: headers['x-amz-target'],
    // Amazon takes the form with its character set and without.
    type: headers['content-type'].split(';')[0],
    scope: /Credential=[^,]+/.exec(headers.authorization)[0],
});

const retries = { retry_policy: { kind: 'fixed', interval_ms: 1100 } };

async function queueing(t, kind, answer, destination, fields = {}) {
    const customer = await Customer.of(t);
    customer.receiver.answer = answer;
    await customer.webhook({ ...fields, url: undefined, destination: { kind, region, access, endpoint_url: origin(customer.receiver), ...destination(customer.receiver) } });
    return customer;
}

for (const name of ['orders', 'orders.fifo']) {
    const isFifo = name.endsWith('.fifo');

    test(`SQS takes what is sent to ${name}, signed and shaped as the AWS client does it`, async (t) => {
        const queue = (receiver) => `${origin(receiver)}/000000000000/${name}`;
        const customer = await queueing(t, 'sqs', sqs, (receiver) => ({ queue_url: queue(receiver) }));
        const ours = await customer.delivered('{"order":4711,"text":"Köln </script>"}');
        assert.equal(ours.refusal, undefined);

        const client = new SQSClient({ region, credentials: keys, endpoint: origin(customer.receiver) });
        t.after(() => client.destroy());
        const sent = JSON.parse(ours.text);
        await client.send(new SendMessageCommand(sent));
        const [, theirs] = await customer.receiver.arrivals(2);
        assert.deepEqual(shape(ours), shape(theirs));
        assert.deepEqual(JSON.parse(theirs.text), sent);

        assert.equal(sent.QueueUrl, queue(customer.receiver));
        assert.equal(sent.MessageBody, '{"order":4711,"text":"Köln </script>"}');
        assert.equal('MessageGroupId' in sent && 'MessageDeduplicationId' in sent, isFifo);
    });

    test(`SNS takes what is published to ${name}, signed and shaped as the AWS client does it`, async (t) => {
        const topic = `arn:aws:sns:${region}:000000000000:${name}`;
        const customer = await queueing(t, 'sns', sns, () => ({ topic_arn: topic }));
        const ours = await customer.delivered('{"order":4711,"text":"Köln & </script>"}');
        assert.equal(ours.refusal, undefined);

        const form = new URLSearchParams(ours.text);
        const group = { MessageGroupId: form.get('MessageGroupId') ?? undefined, MessageDeduplicationId: form.get('MessageDeduplicationId') ?? undefined };
        const client = new SNSClient({ region, credentials: keys, endpoint: origin(customer.receiver) });
        t.after(() => client.destroy());
        await client.send(new PublishCommand({ TopicArn: topic, Message: form.get('Message'), ...group }));
        const [, theirs] = await customer.receiver.arrivals(2);
        assert.deepEqual(shape(ours), shape(theirs));
        const [said, says] = [[...form], [...new URLSearchParams(theirs.text)]].map((pairs) => Object.fromEntries(pairs.filter(([key]) => !key.startsWith('MessageAttributes'))));
        assert.deepEqual(said, says);

        assert.equal(form.get('Message'), '{"order":4711,"text":"Köln & </script>"}');
        assert.equal(form.has('MessageGroupId') && form.has('MessageDeduplicationId'), isFifo);
    });
}

test('Attempts of one delivery are one message to a FIFO queue', async (t) => {
    let asked = 0;
    const busy = { status: 503, body: '{"__type":"com.amazonaws.sqs#ServiceUnavailable"}' };
    const customer = await queueing(t, 'sqs', (arrival) => ++asked === 1 ? busy : sqs(arrival), (receiver) => ({ queue_url: `${origin(receiver)}/000000000000/orders.fifo` }), retries);
    await customer.emit();
    const [first, second] = await customer.receiver.arrivals(2);
    const [was, is] = [first, second].map(({ text }) => JSON.parse(text));

    assert.equal(second.refusal, undefined);
    for (const name of ['MessageGroupId', 'MessageDeduplicationId', 'MessageBody']) {
        assert.equal(is[name], was[name], name);
    }
    assert.notEqual(second.headers.authorization, first.headers.authorization);
});

test('The judge of signatures refuses one that was made with another key', async (t) => {
    const wrong = { access: { ...access, secret_access_key: 'wrong' } };
    const customer = await queueing(t, 'sqs', sqs, (receiver) => ({ queue_url: `${origin(receiver)}/000000000000/orders`, ...wrong }));
    assert.match((await customer.delivered()).refusal.message, /Signed as .* while the vendor's signer says/);
});

test('What comes while SQS is busy goes in one request, signed, shaped and understood as the AWS client does it', async (t) => {
    const attribute = (entry, name) => entry.MessageAttributes[name].StringValue;
    const held = [];
    let ours;
    let refused;
    const refusal = (entry) => entry.MessageBody === refused.MessageBody && attribute(entry, 'webhook-attempt') === '1'
        ? { SenderFault: true, Code: 'InvalidMessageContents', Message: 'Not today.' }
        : undefined;
    const customer = await queueing(t, 'sqs', async (arrival) => {
        if (isBatch(arrival)) {
            ours ??= arrival;
            refused ??= JSON.parse(arrival.text).Entries.at(-1);
            return sqsBatch(arrival, refusal);
        }
        if (!ours) {
            await new Promise((answered) => held.push(answered));
        }
        return sqs(arrival);
    }, (receiver) => ({ queue_url: `${origin(receiver)}/000000000000/orders` }), retries);

    // Two more come for each one that is answered, so that at last some have to wait together.
    for (let n = 0; !ours; n += 2) {
        await customer.emit(`{"order":${n}}`);
        await customer.emit(`{"order":${n + 1}}`);
        held.shift()?.();
    }
    held.forEach((answered) => answered());

    const sent = JSON.parse(ours.text);
    const client = new SQSClient({ region, credentials: keys, endpoint: origin(customer.receiver) });
    t.after(() => client.destroy());
    const heard = await client.send(new SendMessageBatchCommand(sent));
    let all = await customer.receiver.arrivals(1);
    const find = async (wanted) => {
        while (!all.some(wanted)) {
            all = await customer.receiver.arrivals(all.length + 1);
        }
        return all.find(wanted);
    };
    const theirs = await find((arrival) => arrival.headers['user-agent'].startsWith('aws-sdk'));
    assert.equal(ours.refusal, undefined);
    assert.deepEqual(shape(ours), shape(theirs));
    assert.deepEqual(JSON.parse(theirs.text), sent);
    assert.ok(sent.Entries.length > 1);
    assert.equal(heard.Successful.length, sent.Entries.length - 1);

    // The one that was refused comes again, alone or in other company, and its first attempt says what the client hears.
    const retried = await find(({ text }) => (JSON.parse(text).Entries ?? [JSON.parse(text)]).some((m) => m.MessageBody === refused.MessageBody && attribute(m, 'webhook-attempt') === '2'));
    assert.equal(retried.refusal, undefined);
    const { delivery } = await call('GET', `/v1/deliveries/${attribute(refused, 'webhook-delivery-id')}`);
    const [first] = delivery.attempts;
    assert.equal(first.status_code, 400);
    assert.match(first.detail, /\(InvalidMessageContents\)/);
    assert.deepEqual(JSON.parse(first.response_body), heard.Failed[0]);
});
