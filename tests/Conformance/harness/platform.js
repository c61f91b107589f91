import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { Receiver } from './receiver.js';

export const address = process.env.WEBHOOKS_ADDRESS;
const [adminName, adminSecret] = process.env.WEBHOOKS_ADMIN_KEY.split(':');

export const basic = (id, secret) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
export const admin = basic(adminName, adminSecret);

/**
 * One call of the service's API.
 * @param {string | object} [body] JSON text as it stands, or what is made into JSON
 * @returns {Promise<{ status: number, json: any }>}
 */
export async function send(method, path, body, authorization = admin) {
    const response = await fetch(address + path, {
        method,
        headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, json: text === '' ? null : JSON.parse(text) };
}

/** As `send`, where only success will do. @returns {Promise<any>} the answer */
export async function call(method, path, body, authorization) {
    const { status, json } = await send(method, path, body, authorization);
    if (status < 200 || status > 299) {
        throw new Error(`${method} ${path} was answered with ${status}: ${JSON.stringify(json)}`);
    }
    return json;
}

/** A company of its own and the server that its webhooks go to: where every test begins. */
export class Customer {
    /** @param {import('node:test').TestContext} t */
    static async of(t) {
        const customer = new Customer();
        customer.receiver = await Receiver.start(t);
        customer.code = `c-${randomUUID()}`;
        customer.sid = (await call('POST', '/v1/companies', { code: customer.code, name: 'Conformance Ltd' })).company.sid;
        return customer;
    }

    /** @returns {Promise<{ sid: string, secret: string }>} the webhook and the secret of its first key */
    async webhook(fields = {}) {
        const { webhook, signing_key } = await call('POST', '/v1/webhooks', { company_sid: this.sid, url: this.receiver.url, ...fields });
        return { ...webhook, secret: signing_key.shared_secret };
    }

    /**
     * @param {string} payload JSON text, sent as it stands
     * @returns {Promise<any>} the event as accepted
     */
    async emit(payload = '{"order":4711}', type = 'order.paid') {
        return (await call('POST', '/v1/events', `{"company_sid":"${this.sid}","type":"${type}","payload":${payload}}`)).event;
    }

    /** Emits, and waits for what the receiver gets. */
    async delivered(payload, type) {
        await this.emit(payload, type);
        return this.receiver.arrival();
    }
}

/** @returns {Promise<any>} the event's one delivery with its attempts, once it `is` as the test says */
export async function deliveryOf(event, is) {
    const deadline = Date.now() + 60_000;
    for (;;) {
        const { deliveries: [found] } = await call('GET', `/v1/deliveries?event_sid=${event.sid}`);
        const delivery = found && (await call('GET', `/v1/deliveries/${found.sid}`)).delivery;
        if (delivery && is(delivery)) {
            return delivery;
        }
        if (Date.now() > deadline) {
            throw new Error(`The delivery did not become as awaited: ${JSON.stringify(delivery)}`);
        }
        await setTimeout(50);
    }
}

/** A new key signs from now on, the ones before for so many seconds more. @returns {Promise<string>} its secret */
export async function rotate(webhook, overlapSeconds, fields = {}) {
    const { signing_key } = await call('POST', `/v1/webhooks/${webhook.sid}/signing-keys/~rotate`, { overlap_seconds: overlapSeconds, ...fields });
    return signing_key.shared_secret;
}
