import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * How receivers of Streem verify, written anew after the validators that the vendor published. They differ in how old a
 * request may be and in what they take for its body; each compares every item of the list, and throws where one is not
 * as long as a signature.
 */
export const validators = {
    current: { window: 5000, bodyOf: ({ text }) => text },
    older: { window: 500, bodyOf: ({ text }) => text },
    // Behind a JSON body parser nothing is left of the bytes that came.
    reserialising: { window: 500, bodyOf: ({ text }) => JSON.stringify(JSON.parse(text)) },
};

/**
 * @param {{ window: number, bodyOf: Function }} validator
 * @param {number} [now] the receiver's clock, in milliseconds
 * @throws {Error} where the validator answers 401
 */
export function validate({ window, bodyOf }, secret, arrival, now = arrival.at) {
    const header = (name) => {
        const value = arrival.headers[name.toLowerCase()];
        if (!value) {
            throw new Error(`Header ${name} is missing`);
        }
        return value;
    };

    if (Math.abs(now - Date.parse(header('Streem-Sent-At'))) > window) {
        throw new Error('Sent at another time');
    }

    const hmac = createHmac('sha256', secret);
    for (const name of header('Streem-Signature-Headers').split(':')) {
        hmac.update(`${name}=${header(name)};`);
    }
    const expected = Buffer.from(hmac.update(bodyOf(arrival)).digest('hex'));
    const matches = header('Streem-Signature').split(',').map((signature) => timingSafeEqual(Buffer.from(signature), expected));
    if (!matches.includes(true)) {
        throw new Error('No signature matches');
    }
}
