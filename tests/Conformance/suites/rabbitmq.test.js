import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { connect } from 'amqplib';
import { Webhook } from 'standardwebhooks';
import { awkward, megabyte } from '../harness/payloads.js';
import { Customer, deliveryOf, rotate } from '../harness/platform.js';
import { missing, startBroker } from '../harness/rabbitmq.js';

const payload = '{"order":4711,"text":"Köln </script>"}';

describe('What is published to RabbitMQ', { skip: missing }, () => {
    let broker, connection;

    before(async () => {
        broker = await startBroker();
        connection = await connect(`amqp://127.0.0.1:${broker.port}`);
    });

    after(async () => {
        await connection?.close();
        await broker?.stop();
    });

    /** A customer with an exchange, a queue that everything of `order` in it goes to, and a webhook that publishes there. */
    async function given(t, fields = {}, isBound = true) {
        const customer = await Customer.of(t);
        const channel = await connection.createChannel();
        t.after(() => channel.close());
        const [exchange, queue] = [`x-${randomUUID()}`, `q-${randomUUID()}`];
        await channel.assertExchange(exchange, 'topic', { durable: true });
        await channel.assertQueue(queue, { durable: true });
        const bind = () => channel.bindQueue(queue, exchange, 'order.*');
        if (isBound) {
            await bind();
        }

        const messages = [];
        const more = new EventTarget();
        await channel.consume(queue, (message) => {
            messages.push(message);
            channel.ack(message);
            more.dispatchEvent(new Event('message'));
        });
        /** The first `count`, once they are there. */
        const consumed = async (count) => {
            while (messages.length < count) {
                await once(more, 'message', { signal: AbortSignal.timeout(60_000) });
            }
            return messages.slice(0, count);
        };

        const destination = { kind: 'rabbitmq', url: `amqp://127.0.0.1:${broker.port}/`, user: 'guest', password: 'guest', exchange };
        const webhook = await customer.webhook({ url: undefined, destination, ...fields });
        return { customer, webhook, exchange, bind, consumed };
    }

    const accepts = (secret, { content, properties }) => new Webhook(secret).verify(content.toString(), properties.headers);

    test('is read by amqplib byte for byte, lasts on disk, and is named and typed as the event', async (t) => {
        const { customer, exchange, consumed } = await given(t);
        const began = Math.floor(Date.now() / 1000);
        const event = await customer.emit(payload);
        const [{ content, fields, properties }] = await consumed(1);

        assert.ok(content.equals(Buffer.from(payload)));
        assert.deepEqual([fields.exchange, fields.routingKey, fields.redelivered], [exchange, 'order.paid', false]);
        assert.deepEqual([properties.deliveryMode, properties.contentType, properties.contentEncoding], [2, 'application/json', undefined]);
        assert.deepEqual([properties.messageId, properties.type], [event.sid, 'order.paid']);
        assert.ok(properties.timestamp >= began && properties.timestamp <= Date.now() / 1000);
        assert.match(properties.appId, /^Webhooks/);
        assert.equal(properties.headers['webhook-id'], properties.messageId);
        assert.equal(properties.headers['webhook-event-type'], 'order.paid');
    });

    test('is accepted by standardwebhooks, and refused with another body, id or secret', async (t) => {
        const { customer, webhook, consumed } = await given(t);
        await customer.emit(payload);
        const [message] = await consumed(1);

        assert.deepEqual(accepts(webhook.secret, message), JSON.parse(payload));
        assert.throws(() => accepts(webhook.secret, { ...message, content: Buffer.from(payload.replace('4711', '4712')) }));
        const headers = { ...message.properties.headers, 'webhook-id': 'evt_another' };
        assert.throws(() => accepts(webhook.secret, { ...message, properties: { headers } }));
        assert.throws(() => accepts(`whsec_${Buffer.alloc(32).toString('base64')}`, message));
    });

    test('is accepted with both keys while they overlap', async (t) => {
        const { customer, webhook, consumed } = await given(t);
        const next = await rotate(webhook, 3600);
        await customer.emit(payload);
        const [message] = await consumed(1);
        accepts(webhook.secret, message);
        accepts(next, message);
    });

    test('is accepted whatever it holds', async (t) => {
        const { customer, webhook, consumed } = await given(t);
        let count = 0;
        for (const [what, text] of [...Object.entries(awkward), ['a megabyte', megabyte()]]) {
            const event = await customer.emit(text);
            const message = (await consumed(++count)).at(-1);
            assert.equal(message.properties.messageId, event.sid, what);
            assert.ok(message.content.equals(Buffer.from(text)), what);
            accepts(webhook.secret, message);
        }
    });

    test('says when it is compressed, and is accepted once it is unpacked', async (t) => {
        const { customer, webhook, consumed } = await given(t, { transport: { compression: 'gzip' } });
        await customer.emit(payload);
        const [message] = await consumed(1);
        assert.equal(message.properties.contentEncoding, 'gzip');
        assert.deepEqual(accepts(webhook.secret, { ...message, content: gunzipSync(message.content) }), JSON.parse(payload));
    });

    test('and comes back, for no queue takes it, is tried again as the same message, signed anew', async (t) => {
        const { customer, webhook, bind, consumed } = await given(t, { retry_policy: { kind: 'fixed', interval_ms: 1100 }, max_attempts: 50 }, false);
        const event = await customer.emit(payload);
        const failed = await deliveryOf(event, ({ attempt_count: count }) => count > 0);
        assert.deepEqual([failed.status, failed.attempts[0].status_code], ['pending', 312]);

        await bind();
        const [message] = await consumed(1);
        assert.equal(message.properties.messageId, event.sid);
        assert.ok(Number(message.properties.headers['webhook-attempt']) > 1);
        assert.ok(Number(message.properties.headers['webhook-timestamp']) * 1000 > Date.parse(failed.attempts[0].started_at));
        accepts(webhook.secret, message);
        assert.equal((await deliveryOf(event, ({ status }) => status !== 'pending')).status, 'succeeded');
    });
});
