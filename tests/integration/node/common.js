"use strict";
// What the tests of all Node.js clients need. In the environment: PORT,
// PASSWORD, and PROTOCOL, which is 2 or 3.
const assert = require("assert");

exports.port = Number(process.env.PORT);
exports.password = process.env.PASSWORD;
exports.resp3 = process.env.PROTOCOL === "3";

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Waits until `condition` gives something true; fails after 30 seconds. */
const until = async (what, condition) => {
  for (const end = Date.now() + 30000; Date.now() < end; await sleep(10)) {
    const x = await condition();
    if (x) return x;
  }
  throw new Error("not in time: " + what);
};
exports.until = until;

exports.megabyte = Buffer.alloc(1 << 20, "\x00\xff\r\nsaker", "latin1");
exports.binary = Buffer.from([0, 255, 13, 10, 36, 49]);

const pidIn = (info) => Number(/process_id:(\d+)/.exec(info)?.[1]);

/**
 * Ends the node with SIGKILL and waits for the next one. `info` asks for INFO
 * and may fail meanwhile.
 */
exports.killNode = async (info) => {
  const before = pidIn(await info());
  assert.ok(before > 1);
  process.kill(before, "SIGKILL");
  await until("another node", async () => {
    const now = pidIn(await info().catch(() => ""));
    return now && now !== before;
  });
};

/** A row of SVSTATUS as an object, however the library shapes maps. */
exports.toObject = (row) => {
  if (row instanceof Map) return Object.fromEntries(row);
  if (!Array.isArray(row)) return row;
  const x = {};
  for (let i = 0; i < row.length; i += 2) x[row[i]] = row[i + 1];
  return x;
};

/** Runs `main`; its result is what the Python side reads. */
exports.run = (main) => {
  main().then((x) => console.log(JSON.stringify(x)),
              (error) => {
                console.error(error);
                process.exit(1);
              });
};
