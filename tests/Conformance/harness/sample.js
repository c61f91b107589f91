import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';

const program = new URL('../../../samples/Webhooks.Sample.Receiver/bin/Release/net10.0/Webhooks.Sample.Receiver', import.meta.url).pathname;
const deadline = 60_000;

const running = new Set();
process.once('exit', () => running.forEach((child) => child.kill()));

/** The receiver in samples/ as its users start it, a process of its own on loopback; ended with the test that it was started for. */
export class Sample {
    #lines = [];
    #news = new EventEmitter();
    #isOver = false;

    /**
     * @param {import('node:test').TestContext} t
     * @param {string} scheme as the webhook's signature_scheme
     * @param {string[]} keys secrets, or public keys
     */
    static async start(t, scheme, ...keys) {
        await access(program).catch(() => {
            throw new Error(`The sample is not built: ${program} is missing.`);
        });
        const sample = new Sample();
        const child = spawn(program, ['--urls', 'http://127.0.0.1:0'], {
            stdio: ['ignore', 'pipe', 'inherit'],
            env: { ...process.env, WEBHOOK_SCHEME: scheme, WEBHOOK_KEYS: keys.join('\n') },
        });
        const ended = once(child, 'close');
        running.add(child);
        t.after(() => {
            child.kill();
            return ended;
        });
        child.once('close', () => {
            running.delete(child);
            sample.#isOver = true;
            sample.#news.emit('line');
        });
        createInterface({ input: child.stdout }).on('line', (line) => {
            sample.#lines.push(line.trim());
            sample.#news.emit('line');
        });
        [sample.url] = await sample.said(/^Now listening on: (.*)$/, 1);
        return sample;
    }

    /** What stands in the first group of the first `count` lines that fit, once they are there. @returns {Promise<string[]>} */
    async said(pattern, count) {
        const signal = AbortSignal.timeout(deadline);
        for (;;) {
            const found = this.#lines.map((line) => pattern.exec(line)?.[1]).filter(Boolean);
            if (found.length >= count) {
                return found;
            }
            if (this.#isOver || signal.aborted) {
                throw new Error(`The sample said ${pattern} ${found.length} times in place of ${count}; it said:\n${this.#lines.join('\n')}`);
            }
            await once(this.#news, 'line', { signal }).catch(() => {}); // out of time: told above
        }
    }

    /** The ids of the events that reached the handler, once there are so many. */
    handled(count) {
        return this.said(/^\S+ \((\S+)\), \d+ bytes$/, count);
    }
}
