import { createHash, createHmac, randomUUID } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

export const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
export const region = 'eu-central-1';

/** What the vendor's signer wants of a digest. */
class Sha256 {
    #digest;

    constructor(secret) {
        this.#digest = secret ? createHmac('sha256', secret) : createHash('sha256');
    }

    update(data) {
        this.#digest.update(data);
    }

    async digest() {
        return new Uint8Array(this.#digest.digest());
    }
}

/**
 * Signs what came once more with the vendor's signer, over the headers that the sender named, and compares.
 * @param {import('./receiver.js').Arrival} arrival
 * @param {string} [within] the region that it has to be signed for
 * @throws {Error} where Amazon answers SignatureDoesNotMatch
 */
export async function verifySignature(service, { method, url, headers, body }, within = region) {
    const { authorization } = headers;
    const signed = /SignedHeaders=([^,]+)/.exec(authorization ?? '')?.[1].split(';');
    if (!signed) {
        throw new Error(`No signature: ${authorization}`);
    }
    for (const needed of ['host', 'x-amz-date']) {
        if (!signed.includes(needed)) {
            throw new Error(`${needed} is not signed`);
        }
    }

    const { pathname, searchParams } = new URL(url, 'http://receiver');
    const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(headers['x-amz-date']);
    const signer = new SignatureV4({ service, region: within, credentials: keys, sha256: Sha256, applyChecksum: false });
    const again = await signer.sign({
        method,
        protocol: 'http:',
        hostname: headers.host,
        path: pathname,
        query: Object.fromEntries(searchParams),
        headers: Object.fromEntries(signed.filter((name) => name !== 'x-amz-date').map((name) => [name, headers[name]])),
        body,
    }, {
        signingDate: new Date(Date.UTC(year, month - 1, day, hour, minute, second)),
        signableHeaders: new Set(signed),
    });
    if (again.headers.authorization !== authorization) {
        throw new Error(`Signed as ${authorization}, while the vendor's signer says ${again.headers.authorization}`);
    }
}

const md5 = (text) => createHash('md5').update(text).digest('hex');

/** Answers as SQS does, once the signature holds. */
export async function sqs(arrival, within) {
    await verifySignature('sqs', arrival, within);
    const { MessageBody } = JSON.parse(arrival.text);
    return {
        status: 200,
        headers: { 'content-type': 'application/x-amz-json-1.0' },
        body: JSON.stringify({ MessageId: randomUUID(), MD5OfMessageBody: md5(MessageBody) }),
    };
}

/** Answers as SNS does, once the signature holds. */
export async function sns(arrival, within) {
    await verifySignature('sns', arrival, within);
    return {
        status: 200,
        headers: { 'content-type': 'text/xml' },
        body: `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>${randomUUID()}</MessageId></PublishResult>`
            + `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></PublishResponse>`,
    };
}

export const isBatch = ({ headers }) => headers['x-amz-target'] === 'AmazonSQS.SendMessageBatch';

/**
 * As `sqs`, for several messages in one request.
 * @param {(entry: object) => object | undefined} refusal of one of them; undefined: it is taken
 */
export async function sqsBatch(arrival, refusal = () => undefined) {
    await verifySignature('sqs', arrival);
    const [Successful, Failed] = [[], []];
    for (const entry of JSON.parse(arrival.text).Entries) {
        const { Id, MessageBody } = entry;
        const refused = refusal(entry);
        if (refused) {
            Failed.push({ Id, ...refused });
        } else {
            Successful.push({ Id, MessageId: randomUUID(), MD5OfMessageBody: md5(MessageBody) });
        }
    }
    return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify({ Successful, Failed }) };
}
