import { mock } from 'node:test';

/**
 * What a receiver whose clock shows `time` makes of it: verifiers ask Date, timers go on as they are.
 * @param {number} time in milliseconds since 1970
 */
export function at(time, act) {
    mock.timers.enable({ apis: ['Date'], now: time });
    try {
        return act();
    } finally {
        mock.timers.reset();
    }
}
