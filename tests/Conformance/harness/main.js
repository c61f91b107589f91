import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { run } from 'node:test';
import { adminKey, startService } from './service.js';

// Loaded machines are slow; this only ends what hangs.
const patience = 600_000;

const [report, ...suites] = process.argv.slice(2);
const files = suites.map((suite) => resolve(suite));

const service = await startService();
for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => service.stop().finally(() => process.exit(1)));
}

// The clock that tests set is an experimental feature of Node 20.
process.env.NODE_OPTIONS = '--disable-warning=ExperimentalWarning';
// What the AWS clients say about later versions of theirs, which the lock file keeps away.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
process.env.WEBHOOKS_ADDRESS = service.address;
process.env.WEBHOOKS_ADMIN_KEY = adminKey;

let [passed, failed, skipped] = [0, 0, 0];
const reasons = new Set();
// A file is a process of its own; beside the service there is work for two at a time.
for await (const { type, data } of run({ files, concurrency: 2, timeout: patience })) {
    const isTest = data.details?.type !== 'suite' && !files.includes(data.name);
    if (type === 'test:pass' && data.skip) {
        // A suite may be skipped as a whole: that is one.
        skipped++;
        reasons.add(String(data.skip));
    } else if (type === 'test:pass' && isTest) {
        passed++;
    } else if (type === 'test:fail' && (isTest || data.details.error.failureType !== 'subtestsFailed')) {
        failed++;
        console.log(`    ${data.name} [FAIL]\n${explain(data.details.error)}`);
    } else if (type === 'test:stderr') {
        process.stdout.write(data.message);
    }
}

await service.stop();
if (report) {
    const whys = [...reasons].map((reason) => `<reason><![CDATA[${reason}]]></reason>\n`).join('');
    await writeFile(report, `<assembly name="Conformance" passed="${passed}" failed="${failed}" skipped="${skipped}" errors="0">\n${whys}</assembly>\n`);
}
console.log([`${passed} passed, ${failed} failed`, ...skipped > 0 ? [`${skipped} skipped: ${[...reasons].join(' ')}`] : []].join(', '));
process.exitCode = failed === 0 && passed + skipped > 0 ? 0 : 1;

/** What a test failed with, as its author wrote it, and where. */
function explain(error) {
    const cause = error.cause ?? error;
    return String(cause.stack ?? cause.message ?? cause)
        .split('\n')
        .filter((line) => !line.includes('node:internal'))
        .map((line) => `      ${line}`)
        .join('\n');
}
