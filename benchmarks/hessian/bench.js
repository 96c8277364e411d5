// hessian.js on the values of a file: arguments are the version ("1.0" or "2.0"), the file, the seconds.
// Prints the nanoseconds of CPU time a value for reading and for writing, the best of many short rounds.
'use strict';
const fs = require('fs');
const hessian = require('hessian.js');

const [version, file, seconds] = process.argv.slice(2);
const data = fs.readFileSync(file);
const bodies = [];
for (let at = 4; at < data.length; ) {
  const length = data.readInt32BE(at);
  bodies.push(data.subarray(at + 4, at + 4 + length));
  at += 4 + length;
}
const values = bodies.map((body) => hessian.decode(body, version, true));
const cpu = () => { const used = process.cpuUsage(); return (used.user + used.system) * 1000; };
const end = process.hrtime.bigint() + BigInt(Math.round(Number(seconds) * 1e9));
let reading = Infinity;
let writing = Infinity;
while (process.hrtime.bigint() < end) {
  let start = cpu();
  for (let i = 0; i < 30; i++) for (const body of bodies) hessian.decode(body, version);
  reading = Math.min(reading, (cpu() - start) / (30 * bodies.length));
  start = cpu();
  for (let i = 0; i < 30; i++) for (const value of values) hessian.encode(value, version);
  writing = Math.min(writing, (cpu() - start) / (30 * bodies.length));
}
console.log(Math.round(reading), Math.round(writing));
