"use strict";
// ioredis of any major version: node ioredis.js PACKAGE
const assert = require("assert");
const {binary, killNode, megabyte, password, port, resp3, run, toObject, until}
  = require("./common.js");
const Redis = require(process.argv[2]);

const errors = [], all = [];
const connect = (options) => {
  const x = new Redis({port, host: "127.0.0.1", password,
                       protocol: resp3 ? 3 : 2, ...options});
  x.on("error", (e) => errors.push(e.code || e.message));
  all.push(x);
  return x;
};

/** Commands, pipelines and transactions. */
const command = async (r) => {
  assert.equal(await r.ping(), "PONG");
  assert.equal(await r.client("GETNAME"), "me");
  const line = await r.client("INFO");
  assert.match(line, /name=me .* resp=\d lib-name=ioredis.* lib-ver=\d/);
  assert.equal(/resp=3/.test(line), resp3, line);
  assert.ok(binary.equals(await r.callBuffer("echo", binary)));
  assert.equal(await r.call("greet", "Ann"), "hello Ann");
  assert.equal(await r.call("GREET"), "hello you");
  await assert.rejects(r.call("svstop", "nosuch"), /^ReplyError: NOSERVICE /);
  await assert.rejects(r.get("key"), /unknown command 'get'/);

  const pipeline = r.pipeline();
  for (let i = 0; i < 10000; ++i) pipeline.echo(String(i));
  const replies = await pipeline.exec();
  assert.deepEqual(replies.map((x) => x[1]),
                   [...Array(10000).keys()].map(String));
  const mixed = await r.pipeline().ping().call("svstop", "nosuch").ping().exec();
  assert.deepEqual([mixed[0][1], mixed[2][1]], ["PONG", "PONG"]);
  assert.match(mixed[1][0].message, /^NOSERVICE /);

  const done = await r.multi().ping().call("svstart", "off")
    .call("svwait", "off", "running", "5000").publish("nobody", "x").exec();
  assert.equal(done.length, 4);
  assert.equal(done[0][1], "PONG");
  assert.equal(toObject(done[1][1][0]).code, 0);
  assert.deepEqual([done[2][1], done[3][1]], [1, 0]);
  await assert.rejects(r.multi().ping().call("nosuch").exec(), /EXECABORT/);
};

/** Replies as the library shapes them. */
const shapes = async (r) => {
  const [row] = (await r.call("svstatus", "web")).map(toObject);
  assert.equal(row.state, "running");
  assert.ok(row.ready === 1 || row.ready === true, String(row.ready));
  assert.ok(Number.isInteger(row.pid) && row.pid > 1);
  assert.equal(row.last_exit, null);
  const json = JSON.parse(await r.call("svstatus", "web", "json"));
  assert.equal(json[0].pid, row.pid);
  const stopped = (await r.call("svstop", "off")).map(toObject);
  assert.deepEqual([stopped[0].name, stopped[0].code], ["off", 0]);
  const docs = toObject(await r.command("DOCS", "svstart", "greet"));
  assert.equal(toObject(docs.svstart).group, "supervision");
  assert.match(toObject(docs.greet).summary, /says hello/);
  return row.pid;
};

/** What comes in: [channel, text or length]. */
const listen = (s) => {
  const got = [];
  const add = (channel, bytes) =>
    got.push([channel, bytes.length > 100 ? bytes.length : bytes.toString()]);
  s.on("messageBuffer", (channel, bytes) => {
    if (channel == "binary") assert.ok(binary.equals(bytes));
    if (channel == "large") assert.ok(megabyte.equals(bytes));
    add(String(channel), bytes);
  });
  s.on("pmessageBuffer", (_, channel, bytes) => add(String(channel), bytes));
  return got;
};

run(async () => {
  const r = connect({connectionName: "me"}), s = connect({});
  await command(r);
  const web = await shapes(r);
  if (resp3) await shapes(connect({replyMapping: "resp3"}));
  const got = listen(s);
  assert.equal(await s.subscribe("news", "binary", "large"), 3);
  assert.equal(await s.psubscribe("saker:*:off:*", "n?ws"), 5);
  assert.equal(await r.publish("news", "0"), 2);
  assert.equal(await r.publish("binary", binary), 1);
  assert.equal(await r.publish("large", megabyte), 1);
  const names = () => got.map((x) => x[0]).filter((x) => !/^saker:/.test(x));
  await until("messages", () => names().length >= 4);
  assert.deepEqual(names(), ["news", "news", "binary", "large"]);
  await r.call("svstart", "off");
  await until("an event", () => got.some((x) => x[0] == "saker:test:off:ready"));
  assert.equal(await s.unsubscribe("binary"), 4);

  for (let round = 1; round <= 2; ++round) {
    await killNode(() => r.info());
    await until("messages again, by the channel and by the pattern",
                async () => {
                  await r.publish("news", "round " + round);
                  return got.filter((x) => x[1] == "round " + round).length > 1
                    && await r.pubsub("NUMPAT") === 2;
                });
    assert.equal(await r.publish("binary", "x"), 0, "it had unsubscribed");
    assert.equal(await r.client("GETNAME"), "me");
  }
  assert.ok(!errors.includes("ECONNREFUSED"), errors.join());
  assert.equal(await r.quit(), "OK");
  for (const x of all) x.disconnect();
  return {web};
});
