import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Why the tests of a machine without a broker are skipped: a faked one would prove nothing. False where there is one. */
export const missing = root() === undefined
    && 'RabbitMQ is missing: install the package rabbitmq-server, or run .ci/rabbitmq, which unpacks it for the tests alone.';

// An Erlang system starts slowly on a loaded machine.
const patience = 120_000;

/**
 * A RabbitMQ of the suite's own on loopback: the one that is installed, or that .ci/rabbitmq has unpacked.
 * @returns {Promise<{ port: number, stop: () => Promise<void> }>} once it takes connections
 */
export async function startBroker() {
    const erlang = join(root(), 'usr/lib/erlang');
    const bin = join(erlang, only(erlang, 'erts-'), 'bin');
    const servers = join(root(), 'usr/lib/rabbitmq/lib');
    const folder = await mkdtemp(join(process.env.WEBHOOKS_TEST_FOLDER || tmpdir(), 'rabbitmq-'));
    const [port, registry, distribution] = await freePorts(3);

    // Erlang's own script knows one place only.
    await writeFile(join(folder, 'erl'), `#!/bin/sh\nexport ROOTDIR='${erlang}' BINDIR='${bin}' EMU=beam PROGNAME=erl\nexec '${bin}/erlexec' "$@"\n`);
    await chmod(join(folder, 'erl'), 0o700);
    const env = {
        ...process.env,
        PATH: `${folder}:${process.env.PATH}`,
        HOME: folder,
        ERL_EPMD_PORT: String(registry),
        ERL_EPMD_ADDRESS: '127.0.0.1',
        RABBITMQ_NODENAME: `conformance${port}@localhost`,
        RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
        RABBITMQ_NODE_PORT: String(port),
        RABBITMQ_DIST_PORT: String(distribution),
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
        RABBITMQ_MNESIA_BASE: join(folder, 'data'),
        RABBITMQ_LOGS: '-',
        RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq'),
        RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
        RABBITMQ_CONF_ENV_FILE: '/dev/null',
        RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'generated'),
        RABBITMQ_FEATURE_FLAGS_FILE: join(folder, 'flags'),
        // The script then becomes the server, so that its process is the one to end.
        detached: '1',
    };
    const said = [];
    const run = (program) => {
        // With a group of its own, which is ended as a whole: Erlang has helpers.
        const child = spawn(program, { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
        for (const stream of [child.stdout, child.stderr]) {
            stream.on('data', (text) => said.push(text.toString()));
        }
        return { child, ended: once(child, 'close') };
    };
    const processes = [run(join(bin, 'epmd')), run(join(servers, only(servers, 'rabbitmq_server-'), 'sbin/rabbitmq-server'))];
    const end = () => processes.filter(({ child }) => child.exitCode === null && child.signalCode === null).forEach(({ child }) => process.kill(-child.pid, 'SIGKILL'));
    process.once('exit', end);
    process.once('SIGTERM', () => process.exit(1));
    const stop = async () => {
        end();
        await Promise.all(processes.map(({ ended }) => ended));
        await rm(folder, { recursive: true, force: true });
    };

    const [, broker] = processes;
    for (const deadline = Date.now() + patience; !await listens(port); await setTimeout(100)) {
        if (broker.child.exitCode !== null || Date.now() > deadline) {
            await stop();
            throw new Error(`RabbitMQ takes no connections; it said:\n${said.join('').split('\n').slice(-20).join('\n')}`);
        }
    }

    return { port, stop };
}

function root() {
    return ['/', process.env.WEBHOOKS_RABBITMQ, join(homedir(), '.cache/webhooks/rabbitmq')].find((place) => place && existsSync(join(place, 'usr/lib/rabbitmq/lib')));
}

function only(folder, prefix) {
    return readdirSync(folder).find((name) => name.startsWith(prefix));
}

/** All at once, so that they differ. */
async function freePorts(count) {
    const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
    await Promise.all(servers.map((server) => once(server, 'listening')));
    const ports = servers.map((server) => server.address().port);
    await Promise.all(servers.map((server) => once(server.close(), 'close')));
    return ports;
}

async function listens(port) {
    const socket = connect(port, '127.0.0.1');
    try {
        await once(socket, 'connect');
        return true;
    } catch {
        return false; // refused: not yet
    } finally {
        socket.destroy();
    }
}
