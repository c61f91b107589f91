import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { address, basic, call } from './platform.js';

/**
 * AIOZ Stream's Node client, written anew: it is not on npm. It says the same on the wire, header by header, and reads
 * answers as strictly: a content type with a charset is none to it, and of an error it tells status and title.
 */
export class AiozClient {
    #headers;

    /** @param {{ publicKey?: string, secretKey?: string, bearerToken?: string }} credentials */
    constructor({ publicKey, secretKey, bearerToken } = {}) {
        this.#headers = {
            Accept: 'application/json, */*;q=0.8',
            'AV-Origin-Client': 'nodejs:2.6.0',
            Authorization: bearerToken ? `Bearer ${bearerToken}` : secretKey ? basic(publicKey, secretKey) : '',
            'stream-public-key': publicKey ?? '',
            'stream-secret-key': secretKey ?? '',
        };
    }

    create = (webhook = {}) => this.#call('POST', '/webhooks', webhook);
    get = (id) => this.#call('GET', `/webhooks/${encodeURIComponent(id)}`);
    update = (id, webhook = {}, method = 'PATCH') => this.#call(method, `/webhooks/${encodeURIComponent(id)}`, webhook);
    delete = (id) => this.#call('DELETE', `/webhooks/${encodeURIComponent(id)}`);
    // The question mark stands there also where nothing follows.
    list = (query = {}) => this.#call('GET', `/webhooks?${new URLSearchParams(query)}`);
    // No body, yet the type that its HTTP library takes for granted.
    check = (id) => this.#send('POST', `/webhooks/check/${encodeURIComponent(id)}`, undefined, 'application/x-www-form-urlencoded');

    /** The other type that its OpenAPI document declares for create and update. */
    form = (method, path, fields) => this.#send(method, path, new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded');

    #call = (method, path, body) => this.#send(method, path, body && JSON.stringify(body), body && 'application/json');

    async #send(method, path, body, type) {
        const headers = { ...this.#headers, ...type && { 'Content-Type': type }, ...body && { 'Content-Length': Buffer.byteLength(body) } };
        const response = await new Promise((resolve, reject) => {
            request(`${address}/api${path}`, { method, headers }, resolve).on('error', reject).end(body);
        });
        const parts = [];
        for await (const part of response) {
            parts.push(part);
        }
        const { statusCode: status, headers: { 'content-type': answered } } = response;
        if (answered !== 'application/json') {
            throw new Error(`The content type is ${answered}.`);
        }
        const json = JSON.parse(Buffer.concat(parts).toString());
        if (status < 200 || status > 299) {
            throw new AiozError(status, json);
        }
        return { status, json };
    }
}

export class AiozError extends Error {
    constructor(code, body) {
        super(body.title);
        Object.assign(this, { code, body });
    }
}

/** A user of AIOZ: the keys of the customer's company, and a token that they sign. */
export async function credentialsOf(customer, scopes = ['manage', 'read']) {
    const { api_key: key } = await call('POST', `/v1/companies/${customer.sid}/api-keys`, { label: 'AIOZ', scopes, kind: 'shared_secret' });
    return { publicKey: key.sid, secretKey: key.secret, bearerToken: token(key) };
}

function token({ sid, secret }) {
    const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ iss: sid, exp: Math.floor(Date.now() / 1000) + 3600 })}`;
    return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
}
