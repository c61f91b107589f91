/** JSON texts on which parsers and writers disagree, by what is awkward about them. */
export const awkward = {
    'the number 2^63': '9223372036854775808',
    'a number with a fraction of zero': '{"n":1.0}',
    'a number beyond every double': '{"n":1e400}',
    'minus zero': '[-0,-0.0]',
    'a name given twice': '{"a":1,"a":2,"A":3}',
    'names that look like indices': '{"10":0,"2":0,"b":0,"1":0}',
    'the name __proto__': '{"__proto__":{"x":1},"constructor":null}',
    'half a surrogate pair': '{"text":"\\ud800","\\udfff":1}',
    'the line separators U+2028 and U+2029': '"\u2028\u2029"',
    'the end of a script': '{"html":"</script><!--&\'+`\\/"}',
    'escapes that are not needed': '"\\u0041\\u00e9\\/\\u007f\\u0000"',
    'characters beyond ASCII': '"Köln ☃ 𝄞 é"',
    'an empty object': '{}',
    'an empty array': '[]',
    'an array at the root': '[1,[2,[3,{"x":null}]]]',
    'null at the root': 'null',
    'white space': '{ "spaced" :\t[ 1 ,\n 2 ]\r\n}',
};

/** More than a megabyte of numbers of every size and of texts, the same at each run. */
export function megabyte() {
    const bits = new DataView(new ArrayBuffer(8));
    const members = [];
    for (let [length, state] = [0, 4711]; length < 1_050_000;) {
        for (const half of [0, 4]) {
            // The next of a linear congruential sequence: any bit pattern is a number to try.
            state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
            bits.setUint32(half, state);
        }
        const number = bits.getFloat64(0);
        const member = Number.isFinite(number) ? number.toString() : JSON.stringify(String.fromCharCode(state & 0xffff));
        members.push(member);
        length += member.length + 1;
    }
    return `[${members.join(',')}]`;
}
