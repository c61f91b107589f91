import { StreamClient } from '@stream-io/node-sdk';
import { StreamChat } from 'stream-chat';
import { address, call } from './platform.js';

const timeout = 30_000;

/** What both clients say to a request, or to what came out of a queue. */
const judge = (client) => ({
    accepts: ({ body, headers }) => client.verifyWebhook(body, headers['x-signature']),
    parse: ({ body, headers }) => client.verifyAndParseWebhook(body, headers['x-signature']),
    parseSqs: (body) => client.parseSqs(body),
    parseSns: (body) => client.parseSns(body),
});

/** What they call otherwise each, opened with an API key and its secret. */
export const clients = {
    'stream-chat': (key, secret) => {
        const client = new StreamChat(key, secret, { baseURL: address, timeout });
        return {
            ...judge(client),
            update: (settings) => client.updateAppSettings(settings),
            read: async () => (await client.getAppSettings()).app,
            checkSqs: (settings) => client.testSQSSettings(settings),
            checkSns: (settings) => client.testSNSSettings(settings),
        };
    },
    '@stream-io/node-sdk': (key, secret) => {
        const client = new StreamClient(key, secret, { basePath: address, timeout });
        return {
            ...judge(client),
            update: (settings) => client.updateApp(settings),
            read: async () => (await client.getApp()).app,
            checkSqs: (settings) => client.checkSQS(settings),
            checkSns: (settings) => client.checkSNS(settings),
        };
    },
};

/** An API key as GetStream's clients need it. @returns {Promise<{ sid: string, secret: string }>} */
export async function keyOf(customer) {
    return (await call('POST', `/v1/companies/${customer.sid}/api-keys`, { label: 'GetStream', scopes: ['manage', 'read'], kind: 'shared_secret' })).api_key;
}
