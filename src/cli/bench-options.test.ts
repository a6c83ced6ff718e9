import { Command, CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { addBench, type BenchOptions, spellOut } from "./bench-options.ts";

/** What a command line comes to; the message of the parser when it is refused. */
async function parse(line: string): Promise<{ kind: string; options: BenchOptions }> {
  let result: { kind: string; options: BenchOptions } | null = null;
  const program = new Command("fairlead")
    .version("1", "-V, --version")
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {} });
  addBench(program, async (kind, options) => {
    result = { kind, options };
  });
  program.enablePositionalOptions();
  await program.parseAsync(spellOut(line.split(" ")), { from: "user" });
  if (result === null) throw new Error(`Cannot run "${line}"`);
  return result;
}

describe("fairlead bench", () => {
  it("has the defaults of MQTTX", async () => {
    const { kind, options } = await parse("bench pub -t a/%i");
    expect(kind).toBe("pub");
    expect(options).toMatchObject({
      hostname: "localhost",
      port: null,
      count: 1000,
      interval: 10,
      mqttVersion: 5,
      clean: true,
      keepalive: 30,
      reconnectPeriod: 1000,
      messageInterval: 1000,
      qos: 0,
      limit: 0,
      topic: "a/%i",
    });
  });

  it("takes the options of MQTTX by their letters", async () => {
    const line =
      "bench pub -h b.example -p 18830 -c 20 -i 5 -im 50 -t t/%c -q 2 -s 1KiB -V 3.1.1 -u u -P p " +
      "-k 60 -rp 7 -L 100 -I id-%i -r -m hello --no-clean";
    const { options } = await parse(line);
    expect(options).toMatchObject({
      hostname: "b.example",
      port: 18_830,
      count: 20,
      interval: 5,
      messageInterval: 50,
      topic: "t/%c",
      qos: 2,
      payloadSize: 1024,
      mqttVersion: 4,
      username: "u",
      password: "p",
      keepalive: 60,
      reconnectPeriod: 7,
      limit: 100,
      clientId: "id-%i",
      retain: true,
      message: "hello",
      clean: false,
    });
  });

  it.each([
    ["3", 3],
    ["3.1", 3],
    ["4", 4],
    ["3.1.1", 4],
    ["5", 5],
    ["5.0", 5],
  ])("knows version %s", async (text, level) => {
    expect((await parse(`bench conn -V ${text}`)).options.mqttVersion).toBe(level);
  });

  it("pings with QoS 1, one message in flight, without interval", async () => {
    const { options } = await parse("bench ping");
    expect(options).toMatchObject({ qos: 1, inflight: 1, messageInterval: 0, topic: "bench/%i" });
  });

  it("takes lists and ranges of source addresses", async () => {
    const { options } = await parse("bench conn --source-addresses 10.0.0.1,127.0.0.2-127.0.0.4");
    expect(options.sourceAddresses).toEqual(["10.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"]);
  });

  it.each([
    ["10", 10_000],
    ["1.5", 1_500],
    ["500ms", 500],
    ["2m", 120_000],
  ])("takes a duration of %s", async (text, ms) => {
    expect((await parse(`bench conn -d ${text} --warmup ${text}`)).options).toMatchObject({
      duration: ms,
      warmup: ms,
    });
  });

  it.each([
    "bench pub",
    "bench sub",
    "bench conn -c 0",
    "bench conn -V 6",
    "bench conn -d soon",
    "bench conn -C maybe",
    "bench pub -t t -q 3",
    "bench pub -t t -s 1KB",
    "bench pub -t t --inflight 32",
    "bench conn --source-addresses 127.0.0.9-127.0.0.2",
    "bench conn --reactor kqueue",
    "bench conn --pid me",
    "bench nothing",
  ])("refuses: %s", async (line) => {
    await expect(parse(line)).rejects.toThrow(CommanderError);
  });
});

describe("spellOut", () => {
  it("leaves other commands alone", () => {
    expect(spellOut(["run", "-im"])).toEqual(["run", "-im"]);
  });
});
