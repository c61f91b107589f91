import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const program = new URL('../../../src/Webhooks.Api/bin/Release/net10.0/webhooks', import.meta.url).pathname;
const listens = 'Webhooks listens on ';

/** As the platform authenticates. */
export const adminKey = 'conformance:not-a-secret-at-all';

/**
 * The service as its users start it: a process of its own with the PostgreSQL that it brings, stopped by a signal.
 * @returns {Promise<{ address: string, stop: () => Promise<void> }>} once it listens
 */
export async function startService() {
    await access(program).catch(() => {
        throw new Error(`The service is not built: ${program} is missing.`);
    });
    // ./test ends and removes what is left in its folder, whatever becomes of us. Others pass through it: under root PostgreSQL runs as another account.
    const folder = await mkdtemp(join(process.env.WEBHOOKS_TEST_FOLDER || tmpdir(), 'conformance-'));
    await chmod(folder, 0o755);

    const service = spawn(program, ['--urls', 'http://127.0.0.1:0'], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
            ...process.env,
            Webhooks__DataDirectory: folder,
            Webhooks__BootstrapKey: adminKey,
            Webhooks__MasterKey: '0'.repeat(64),
            Webhooks__Egress__AllowNetworks__0: '127.0.0.0/8',
            Webhooks__Delivery__PollMs: '100',
            // A machine that stands still for a while accepts late; only what never comes is a fault.
            Webhooks__Delivery__AcceptSeconds: '60',
        },
    });
    const ended = once(service, 'close');
    const stop = async () => {
        service.kill('SIGTERM');
        await ended;
        await rm(folder, { recursive: true, force: true });
    };

    const said = [];
    service.stderr.on('data', (text) => said.push(text.toString()));
    const lines = createInterface({ input: service.stdout });
    const address = new Promise((resolve) => lines.on('line', (line) => {
        said.push(`${line}\n`);
        if (line.startsWith(listens)) {
            resolve(line.slice(listens.length));
        }
    }));
    const first = await Promise.race([address, ended.then(() => null)]);
    if (first === null) {
        await stop();
        throw new Error(`The service did not start; it said:\n${said.slice(-20).join('')}`);
    }

    return { address: first, stop };
}
