import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import { Webhook } from 'standardwebhooks';
import { AiozClient, AiozError, credentialsOf } from '../harness/aioz.js';
import { Customer, call, deliveryOf } from '../harness/platform.js';
import { closedOrigin } from '../harness/receiver.js';

const flags = {
    file_received: 'file.received',
    encoding_started: 'encoding.started',
    partial_finished: 'partial.finished',
    encoding_finished: 'encoding.finished',
    encoding_failed: 'encoding.failed',
};
const url = 'https://hooks.example.com/media?a=1&b=2';
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** How a client of theirs may be told who its user is. */
const ways = {
    'Basic and the two headers': ({ publicKey, secretKey }) => ({ publicKey, secretKey }),
    'a Bearer token': ({ bearerToken }) => ({ bearerToken }),
    'a token beside keys': (all) => all,
};

async function given(t) {
    const customer = await Customer.of(t);
    const { publicKey, secretKey } = await credentialsOf(customer);
    return { customer, client: new AiozClient({ publicKey, secretKey }) };
}

/** The webhook as `create` answered it. */
const created = async (client, webhook = {}) => (await client.create({ url, file_received: true, ...webhook })).json.data.webhook;
const read = async (client, id) => (await client.get(id)).json.data.webhook;

/** An error as their client shows it. */
const refusal = (...codes) => (error) => {
    assert.ok(error instanceof AiozError, error);
    assert.ok(codes.includes(error.code), `${error.code}: ${error.message}`);
    assert.equal(error.body.status, 'fail');
    assert.ok(error.body.message);
    assert.equal(error.message, error.body.message);
    return true;
};

for (const [way, of] of Object.entries(ways)) {
    test(`AIOZ's client makes, reads, changes, lists and deletes a webhook with ${way}`, async (t) => {
        const client = new AiozClient(of(await credentialsOf(await Customer.of(t))));
        const made = await client.create({ name: 'Media', url, file_received: true, encoding_finished: true });
        assert.equal(made.status, 201);
        const { status, data: { webhook } } = made.json;
        const { id, user_id: user, created_at: createdAt, updated_at: updatedAt, ...rest } = webhook;
        assert.equal(status, 'success');
        assert.match(id, uuid);
        assert.match(user, uuid);
        assert.ok(Date.parse(createdAt) && Date.parse(updatedAt));
        assert.deepEqual(rest, { name: 'Media', url, file_received: true, encoding_started: false, partial_finished: false, encoding_finished: true, encoding_failed: false });
        assert.deepEqual((await client.get(id)), { status: 200, json: made.json });

        const changed = await client.update(id, { name: 'Renamed', encoding_failed: true });
        assert.deepEqual([changed.status, changed.json.status, typeof changed.json.message], [200, 'success', 'string']);
        const after = await read(client, id);
        assert.deepEqual({ ...after, updated_at: updatedAt }, { ...webhook, name: 'Renamed', encoding_failed: true });

        const listed = await client.list();
        assert.equal(listed.status, 200);
        assert.deepEqual(listed.json, { status: 'success', data: { total: 1, webhooks: [after] } });

        const deleted = await client.delete(id);
        assert.deepEqual([deleted.status, deleted.json.status, typeof deleted.json.message], [200, 'success', 'string']);
        await assert.rejects(client.get(id), refusal(404));
        assert.equal((await client.list()).json.data.total, 0);
    });
}

test("AIOZ's client is refused without a key, with half of one, with another's, and with a token that another signed", async (t) => {
    const [{ publicKey, secretKey }, other] = [await credentialsOf(await Customer.of(t)), await credentialsOf(await Customer.of(t))];
    const forged = other.bearerToken.split('.').map((part, i) => i === 1 ? Buffer.from(JSON.stringify({ iss: publicKey })).toString('base64url') : part).join('.');
    for (const credentials of [{}, { publicKey }, { publicKey, secretKey: other.secretKey }, { secretKey }, { bearerToken: forged }, { bearerToken: 'x' }]) {
        await assert.rejects(new AiozClient(credentials).list(), refusal(401));
    }
});

test("AIOZ's client may look with a key that may only read, and is forbidden to change", async (t) => {
    const customer = await Customer.of(t);
    const { id } = await created(new AiozClient(await credentialsOf(customer)));
    const reader = new AiozClient(await credentialsOf(customer, ['read']));
    assert.equal((await reader.list()).json.data.webhooks[0].id, (await read(reader, id)).id);
    await assert.rejects(reader.create({ url, file_received: true }), refusal(403));
    await assert.rejects(reader.update(id, { name: 'x' }), refusal(403));
    await assert.rejects(reader.delete(id), refusal(403));
    await assert.rejects(reader.check(id), refusal(403));
});

test('A form says the same as JSON, to make a webhook and to change it', async (t) => {
    const { client } = await given(t);
    const { status, json } = await client.form('POST', '/webhooks', { name: 'Bücher & more', url, file_received: true, partial_finished: 'true', encoding_failed: false });
    const { id, ...webhook } = json.data.webhook;
    assert.equal(status, 201);
    assert.deepEqual([webhook.name, webhook.url, ...Object.keys(flags).map((flag) => webhook[flag])], ['Bücher & more', url, true, false, true, false, false]);
    assert.equal((await client.form('PATCH', `/webhooks/${id}`, { file_received: false })).json.status, 'success');
    assert.equal((await read(client, id)).file_received, false);
});

for (const method of ['PATCH', 'PUT']) {
    test(`A ${method} changes what it names and leaves the rest`, async (t) => {
        const { client } = await given(t);
        const before = await created(client, { name: 'Media' });
        for (const change of [{ name: 'Renamed' }, { url: 'https://other.example.com/' }, { file_received: false, partial_finished: true }, {}]) {
            const was = await read(client, before.id);
            assert.equal((await client.update(before.id, change, method)).json.status, 'success');
            const is = await read(client, before.id);
            assert.deepEqual(is, { ...was, ...change, updated_at: is.updated_at });
        }
    });
}

test("What their clients' own suites expect to be an error is one", async (t) => {
    const { client } = await given(t);
    const { id } = await created(client);
    const before = await read(client, id);

    await assert.rejects(client.create({}), refusal(400), 'an empty body');
    await assert.rejects(client.create({ name: 'Media', url }), refusal(400), 'no event');
    await assert.rejects(client.create({ name: 'Media', url, file_received: false }), refusal(400), 'no event but one that is not wanted');
    await assert.rejects(client.create({ url: 'not-a-url', file_received: true }), refusal(400), 'no URL');
    await assert.rejects(client.create({ name: 'Media', file_received: true }), refusal(400), 'URL missing');
    await assert.rejects(client.update(id, { url: 'not-a-url' }), refusal(400));
    await assert.rejects(client.update(id, { file_received: false }), refusal(400));
    await assert.rejects(client.list({ offset: -1 }), refusal(400));
    for (const limit of [0, 101, 'x']) {
        await assert.rejects(client.list({ limit }), refusal(400));
    }
    await assert.rejects(client.list({ sort_by: 'colour' }), refusal(400));
    await assert.rejects(client.list({ order_by: 'up' }), refusal(400));
    assert.deepEqual(await read(client, id), before);
    assert.equal((await client.list()).json.data.total, 1);
});

test('An id that is none, that is unknown, or that is of another user, is an error to every call', async (t) => {
    const [{ client }, { client: stranger }] = [await given(t), await given(t)];
    const { id: theirs } = await created(stranger);
    for (const [id, code] of [['invalid-id', 400], [randomUUID(), 404], [theirs, 404]]) {
        await assert.rejects(client.get(id), refusal(code), id);
        await assert.rejects(client.update(id, { name: 'x' }), refusal(code), id);
        await assert.rejects(client.delete(id), refusal(code), id);
        await assert.rejects(client.check(id), refusal(code), id);
    }
    assert.equal((await read(stranger, theirs)).name, 'default-name-webhook');
});

test('A name may be missing', async (t) => {
    const { client } = await given(t);
    assert.equal((await created(client)).name, 'default-name-webhook');
});

test('A list is sorted, searched, narrowed and cut as asked, and says how many there are', async (t) => {
    const { client } = await given(t);
    for (const webhook of [{ name: 'Beta' }, { name: 'alpha', encoding_started: true }, { name: 'Gamma', encoding_started: true, encoding_finished: true }]) {
        await created(client, webhook);
    }
    const listed = async (query) => {
        const { total, webhooks } = (await client.list(query)).json.data;
        return [total, ...webhooks.map(({ name }) => name)];
    };

    assert.deepEqual(await listed({}), [3, 'Beta', 'alpha', 'Gamma']);
    assert.deepEqual(await listed({ sort_by: 'created_at', order_by: 'desc' }), [3, 'Gamma', 'alpha', 'Beta']);
    assert.equal((await listed({ sort_by: 'name', order_by: 'asc' })).length, 4);
    assert.deepEqual((await listed({ sort_by: 'name', order_by: 'desc' })).slice(1), (await listed({ sort_by: 'name', order_by: 'asc' })).slice(1).reverse());
    assert.deepEqual(await listed({ search: 'MA' }), [1, 'Gamma']);
    assert.deepEqual(await listed({ offset: 1, limit: 1 }), [3, 'alpha']);
    assert.deepEqual(await listed({ limit: 10, offset: 3 }), [3]);
    assert.deepEqual(await listed({ encoding_started: true }), [2, 'alpha', 'Gamma']);
    assert.deepEqual(await listed({ encoding_finished: true, encoding_started: true }), [1, 'Gamma']);
    assert.deepEqual(await listed({ file_received: true }), [3, 'Beta', 'alpha', 'Gamma']);
});

test('A list holds 25 unless told, and 100 at most', async (t) => {
    const { client } = await given(t);
    await Promise.all(Array.from({ length: 26 }, () => created(client)));
    const size = async (query) => (await client.list(query)).json.data.webhooks.length;
    assert.deepEqual([await size(), await size({ limit: 10 }), await size({ limit: 100 })], [25, 10, 26]);
});

for (const [flag, type] of Object.entries(flags)) {
    test(`The flag ${flag} stands for ${type}, whose flat body arrives as it was emitted, signed`, async (t) => {
        const { customer, client } = await given(t);
        const webhook = await created(client, { url: customer.receiver.url, file_received: false, [flag]: true });
        assert.equal(webhook.last_triggered_at ?? null, null);
        for (const other of Object.values(flags).filter((name) => name !== type)) {
            await customer.emit(body(other, webhook.user_id), other);
        }
        const sent = body(type, webhook.user_id);
        const { method, headers, text } = await customer.delivered(sent, type);

        assert.deepEqual([method, headers['content-type'], text], ['POST', 'application/json', sent]);
        assert.deepEqual(Object.keys(JSON.parse(text)), ['type', 'emitted_at', 'media_id', 'media_type', 'qualities', 'title', 'status', 'user_id']);
        const { webhooks: [{ sid }] } = await call('GET', `/v1/webhooks?company_sid=${customer.sid}`);
        const { signing_keys: [{ sid: key }] } = await call('GET', `/v1/webhooks/${sid}/signing-keys`);
        new Webhook((await call('GET', `/v1/webhooks/${sid}/signing-keys/${key}`)).signing_key.shared_secret).verify(text, headers);

        const { deliveries } = await call('GET', `/v1/deliveries?company_sid=${customer.sid}`);
        assert.ok(deliveries.every((delivery) => delivery.type === type));
    });
}

test('When a webhook was triggered last is told, by get and by list', async (t) => {
    const { customer, client } = await given(t);
    const { id, user_id: user } = await created(client, { url: customer.receiver.url });
    const event = await customer.emit(body('file.received', user), 'file.received');
    await deliveryOf(event, ({ status }) => status === 'succeeded');
    const { last_triggered_at: last } = await read(client, id);
    assert.ok(Date.parse(last));
    assert.equal((await client.list()).json.data.webhooks[0].last_triggered_at, last);
});

test('What fails is tried four times, 3 seconds after one another, under one id, and then no more', async (t) => {
    const { customer, client } = await given(t);
    const { user_id: user } = await created(client, { url: customer.receiver.url });
    customer.receiver.answer = () => 400; // anything but 2xx
    const event = await customer.emit(body('file.received', user), 'file.received');
    // Not hurried: whoever asks for the last attempt in the moment in which it goes by itself begins a series of its own.
    const delivery = await deliveryOf(event, ({ status }) => status !== 'pending');

    assert.deepEqual([delivery.status, delivery.exhausted_reason, delivery.attempt_count], ['exhausted', 'attempts', 4]);
    const waits = delivery.attempts.map(({ started_at: start, next_attempt_at: next }) => next && Date.parse(next) - Date.parse(start));
    // Planned by the database's clock, begun by the node's: they agree to within a round trip between them.
    assert.ok(waits.slice(0, 3).every((wait) => Math.round(wait / 1000) >= 3), String(waits));
    assert.equal(waits[3] ?? null, null);
    const arrivals = await customer.receiver.arrivals(4);
    assert.equal(new Set(arrivals.map(({ headers }) => headers['webhook-id'])).size, 1);
    assert.deepEqual(arrivals.map(({ headers }) => headers['webhook-attempt']), ['1', '2', '3', '4']);

    const { webhooks: [{ retry_policy: policy }] } = await call('GET', `/v1/webhooks?company_sid=${customer.sid}`);
    assert.deepEqual(policy, { kind: 'preset', name: 'aiozstream' });
});

test('A check sends one sample, whatever is subscribed to, and tells what came of it', async (t) => {
    const { customer, client } = await given(t);
    const { id, user_id: user } = await created(client, { url: customer.receiver.url });
    const { status, json } = await client.check(id);
    assert.deepEqual([status, json.status], [200, 'success']);
    const { text } = await customer.receiver.arrival();
    const { type, media_type: media, title, user_id: of, media_id: mediaId } = JSON.parse(text);
    assert.deepEqual([type, media, title, of, mediaId], ['encoding.started', 'video', 'Test.mp4', user, '00000000-0000-0000-0000-000000000000']);

    customer.receiver.answer = () => 204;
    assert.equal((await client.check(id)).json.status, 'success');
    customer.receiver.answer = () => 503;
    await assert.rejects(client.check(id), (error) => refusal(400)(error) && /503/.test(error.message));
    await client.update(id, { url: await closedOrigin() });
    await assert.rejects(client.check(id), refusal(400));
    assert.equal((await customer.receiver.arrivals(3)).length, 3);
});

/** An event as AIOZ's platform sends it. */
function body(type, user) {
    return JSON.stringify({
        type,
        emitted_at: '2026-01-31T12:00:00Z',
        media_id: '01890a5d-ac96-774b-bcce-b302099a8057',
        media_type: 'live-stream',
        qualities: type === 'partial.finished' ? '720p' : '720p,1080p',
        title: 'Köln <b>&</b> ☃',
        status: { 'encoding.finished': 'done', 'encoding.failed': 'fail' }[type] ?? 'transcoding',
        user_id: user,
    });
}
