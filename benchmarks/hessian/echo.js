// hessian.js reads every value of a file and writes it again: version, file in, file out.
// What it cannot do comes back empty.
'use strict';
const fs = require('fs');
const hessian = require('hessian.js');

const [version, from, to] = process.argv.slice(2);
const data = fs.readFileSync(from);
const parts = [data.subarray(0, 4)];
for (let at = 4; at < data.length; ) {
  const length = data.readInt32BE(at);
  let body = Buffer.alloc(0);
  try {
    body = hessian.encode(hessian.decode(data.subarray(at + 4, at + 4 + length), version, true), version);
  } catch (error) {
    // An empty answer says it.
  }
  const head = Buffer.alloc(4);
  head.writeInt32BE(body.length);
  parts.push(head, body);
  at += 4 + length;
}
fs.writeFileSync(to, Buffer.concat(parts));
