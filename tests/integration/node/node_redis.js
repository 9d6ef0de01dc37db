"use strict";
// node-redis of any major version: node node_redis.js PACKAGE
const assert = require("assert");
const {binary, killNode, megabyte, password, port, resp3, run, toObject, until}
  = require("./common.js");
const {createClient} = require(process.argv[2]);

const errors = [];
const connect = async (options) => {
  const x = createClient({
    socket: {port, host: "127.0.0.1"}, password, ...options,
    ...(process.argv[2] === "redis4" ? {} : {
      RESP: resp3 ? 3 : 2,
      commandOptions: {timeout: 60000}})});  // five seconds else
  x.on("error", (e) => errors.push(e.code || e.message));
  return x.connect();
};

/** Commands, pipelines and transactions. */
const command = async (r) => {
  assert.equal(await r.ping(), "PONG");
  assert.equal(await r.clientGetName(), "me");
  const line = await r.sendCommand(["CLIENT", "INFO"]);
  assert.match(line, /name=me .* resp=\d lib-name=node-redis lib-ver=\d/);
  assert.equal(/resp=3/.test(line), resp3, line);
  assert.equal(await r.sendCommand(["greet", "Ann"]), "hello Ann");
  await assert.rejects(r.sendCommand(["svstop", "nosuch"]), /NOSERVICE /);
  await assert.rejects(r.get("key"), /unknown command 'GET'/);
  assert.equal((await r.clientList()).filter((x) => x.name == "me").length, 1);

  // What is sent in one turn is a pipeline.
  const echoes = [];
  for (let i = 0; i < 10000; ++i) echoes.push(r.echo(String(i)));
  assert.deepEqual(await Promise.all(echoes),
                   [...Array(10000).keys()].map(String));

  const done = await r.multi().ping().addCommand(["svstart", "off"])
    .addCommand(["svwait", "off", "running", "5000"]).publish("nobody", "x")
    .exec();
  assert.equal(done.length, 4);
  assert.equal(done[0], "PONG");
  assert.equal(toObject(done[1][0]).code, 0);
  assert.deepEqual([done[2], done[3]], [1, 0]);
  await r.watch("key");
  assert.deepEqual(await r.multi().ping().exec(), ["PONG"]);
  await assert.rejects(r.multi().ping().addCommand(["nosuch"]).exec(),
                       /unknown command|EXECABORT/);
  assert.equal(await r.ping("after"), "after");
};

/** Replies as the library shapes them. */
const shapes = async (r) => {
  const [row] = (await r.sendCommand(["svstatus", "web"])).map(toObject);
  assert.equal(row.state, "running");
  assert.equal(row.ready, resp3 ? true : 1);
  assert.ok(Number.isInteger(row.pid) && row.pid > 1);
  assert.equal(row.last_exit, null);
  const json = JSON.parse(await r.sendCommand(["svstatus", "web", "json"]));
  assert.equal(json[0].pid, row.pid);
  const [stopped] = (await r.sendCommand(["svstop", "off"])).map(toObject);
  assert.deepEqual([stopped.name, stopped.code], ["off", 0]);
  const docs = toObject(await r.sendCommand(["COMMAND", "DOCS", "svstart"]));
  assert.equal(toObject(docs.svstart).group, "supervision");
  assert.ok(await r.commandCount() > 40);
  assert.equal((await r.commandInfo(["svstart"]))[0].arity, -2);
  return row.pid;
};

run(async () => {
  const r = await connect({name: "me"}), s = await connect({});
  await command(r);
  const web = await shapes(r);
  const got = [];
  const hear = (bytes, channel) =>
    got.push([String(channel),
              bytes.length > 100 ? bytes.length : bytes.toString()]);
  await s.subscribe("news", hear, true);
  await s.subscribe(["binary", "large"], (bytes, channel) => {
    assert.ok((channel == "large" ? megabyte : binary).equals(bytes));
    hear(bytes, channel);
  }, true);
  await s.pSubscribe(["saker:*:off:*", "n?ws"], hear, true);
  assert.equal(await r.publish("news", "0"), 2);
  assert.equal(await r.publish("binary", binary), 1);
  assert.equal(await r.publish("large", megabyte), 1);
  const names = () => got.map((x) => x[0]).filter((x) => !/^saker:/.test(x));
  await until("messages", () => names().length >= 4);
  assert.deepEqual(names(), ["news", "news", "binary", "large"]);
  await r.sendCommand(["svstart", "off"]);
  await until("an event", () => got.some((x) => x[0] == "saker:test:off:ready"));
  await s.unsubscribe("binary");

  for (let round = 1; round <= 2; ++round) {
    await killNode(() => r.info());
    await until("messages again, by the channel and by the pattern",
                async () => {
                  await r.publish("news", "round " + round);
                  return got.filter((x) => x[1] == "round " + round).length > 1
                    && await r.pubSubNumPat() === 2;
                });
    assert.equal(await r.publish("binary", "x"), 0, "it had unsubscribed");
    assert.equal(await r.clientGetName(), "me");
  }
  assert.ok(!errors.includes("ECONNREFUSED"), errors.join());
  await s.disconnect();
  await r.quit();
  return {web};
});
