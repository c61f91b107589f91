import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';

// Tells "never" from "slow".
const deadline = 60_000;

/**
 * A customer's server on loopback. It keeps each request as it came and answers what `answer` says: a status, 200 unless told.
 * Ended with the test that it was started for.
 */
export class Receiver {
    /** @type {(request: Arrival) => number | { status: number, headers?: object, body?: string }} or a promise of it */
    answer = () => 200;

    // Its own: what is retried for a receiver that has ended comes to whoever has the port by then.
    #path = `/hook/${randomUUID()}`;
    #arrivals = [];
    #news = new EventEmitter();
    #server = createServer((request, response) => this.#take(request, response));

    /** @param {import('node:test').TestContext} t */
    static async start(t) {
        const receiver = new Receiver();
        await new Promise((listening) => receiver.#server.listen(0, '127.0.0.1', listening));
        t.after(() => {
            receiver.#server.close();
            receiver.#server.closeAllConnections();
        });
        return receiver;
    }

    get url() {
        return `http://127.0.0.1:${this.#server.address().port}${this.#path}`;
    }

    /** The first `count` requests, once they are there. @returns {Promise<Arrival[]>} */
    async arrivals(count) {
        const signal = AbortSignal.timeout(deadline);
        while (this.#arrivals.length < count) {
            await once(this.#news, 'arrival', { signal }).catch((cause) => {
                throw new Error(`${this.#arrivals.length} of ${count} requests came to the receiver.`, { cause });
            });
        }

        return this.#arrivals.slice(0, count);
    }

    async arrival() {
        return (await this.arrivals(1))[0];
    }

    /** What goes to Amazon names its queue or topic, and no path of ours. */
    #isFor({ url, headers }) {
        return url.startsWith(this.#path) || headers.authorization?.startsWith('AWS4-');
    }

    async #take(request, response) {
        if (!this.#isFor(request)) {
            response.writeHead(404).end();
            return;
        }

        const at = Date.now();
        const parts = [];
        try {
            for await (const part of request) {
                parts.push(part);
            }
        } catch {
            return; // Cut off halfway, by its sender or with the test that is over: nothing has arrived.
        }

        const body = Buffer.concat(parts);
        const arrival = { method: request.method, url: request.url, headers: request.headers, rawHeaders: request.rawHeaders, body, text: body.toString(), at };
        const { status, headers, body: text } = await this.#judge(arrival);
        response.writeHead(status, headers).end(text);
        this.#arrivals.push(arrival);
        this.#news.emit('arrival');
    }

    /** As frameworks do it, what verifying throws becomes a 401; the test finds it with the request. */
    async #judge(arrival) {
        try {
            const answer = await this.answer(arrival);
            return typeof answer === 'number' ? { status: answer } : answer;
        } catch (refusal) {
            arrival.refusal = refusal;
            return { status: 401 };
        }
    }
}

/** Where nobody listens. @returns {Promise<string>} an origin on loopback */
export async function closedOrigin() {
    const server = createServer();
    await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address();
    await new Promise((closed) => server.close(closed));
    return `http://127.0.0.1:${port}`;
}

/**
 * @typedef {object} Arrival
 * @property {string} method
 * @property {string} url path and query
 * @property {Record<string, string>} headers names in lower case
 * @property {string[]} rawHeaders names as they were spelled, and values, in turn
 * @property {Buffer} body as it came
 * @property {string} text the body as UTF-8
 * @property {number} at the receiver's clock when the headers were there, in milliseconds
 * @property {Error} [refusal] why the receiver answered 401
 */
