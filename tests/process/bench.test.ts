import { spawn } from "node:child_process";
import { describe, expect, it } from "vitest";
import { closeAtEnd } from "./close-at-end.ts";
import { RunningCommand, runFairlead } from "./fairlead.ts";
import { Mosquitto } from "./mosquitto.ts";
import { findProgram } from "./peer-program.ts";
import { freePort } from "./ports.ts";
import { waitUntil } from "./wait-until.ts";

async function bench(...args: readonly string[]) {
  const { exitCode, stdout, stderr } = await runFairlead("bench", ...args, "--json");
  if (stdout === "") throw new Error(`Cannot bench: ${stderr}`);
  return { exitCode, ...JSON.parse(stdout) };
}

describe("fairlead bench against mosquitto", () => {
  it("opens connections of every version of MQTT", async () => {
    const broker = closeAtEnd(await Mosquitto.start());
    const at = ["-h", "127.0.0.1", "-p", `${broker.port}`];
    for (const version of ["3.1", "3.1.1", "5"]) {
      const options = ["-c", "20", "-i", "1", "-V", version, "-d", "100ms"];
      const result = await bench("conn", ...at, ...options);
      expect(result).toMatchObject({ exitCode: 0, operations: 20, up: 20, failures: [] });
    }
    expect(broker.complaints).toEqual([]);
  });

  it.each(["0", "1", "2"])("publishes with QoS %s from several threads", async (qos) => {
    const broker = closeAtEnd(await Mosquitto.start({ config: ["max_queued_messages 0"] }));
    const at = ["-h", "127.0.0.1", "-p", `${broker.port}`];
    const options = ["-t", "bench/%i", "-c", "6", "-i", "0", "-q", qos, "-im", "1", "-L", "300"];
    const result = await bench("pub", ...at, ...options, "--workers", "2");
    expect(result).toMatchObject({ exitCode: 0, operations: 300, connected: 6, failures: [] });
    expect(broker.complaints).toEqual([]);
  });

  it("pings on either reactor", async () => {
    const broker = closeAtEnd(await Mosquitto.start());
    for (const reactor of ["epoll", "io_uring"]) {
      const at = ["-h", "127.0.0.1", "-p", `${broker.port}`, "--reactor", reactor];
      const result = await bench("ping", ...at, "-c", "5", "-i", "0", "-L", "200");
      expect(result).toMatchObject({ exitCode: 0, reactor, operations: 200, failures: [] });
      expect(result.latency.count).toBe(200);
    }
    expect(broker.complaints).toEqual([]);
  });

  it("counts what subscribers get", async () => {
    const broker = closeAtEnd(await Mosquitto.start());
    const at = ["-h", "127.0.0.1", "-p", `${broker.port}`];
    const options = ["-c", "3", "-i", "0", "-t", "a/#", "-q", "1", "--json"];
    const subscribed = closeAtEnd(new RunningCommand("bench", "sub", ...at, ...options));
    const countOf = (word: RegExp) => broker.logLines.filter((line) => word.test(line)).length;
    await waitUntil("all have subscribed", () => countOf(/Sending SUBACK/) === 3);
    const args = ["-h", "127.0.0.1", "-p", `${broker.port}`, "-t", "a/b", "-q", "1", "-m", "hello"];
    const publisher = spawn(findProgram("mosquitto_pub"), [...args, "--repeat", "10"]);
    await new Promise((done) => publisher.once("exit", done));
    await waitUntil("all is acknowledged", () => countOf(/Received PUBACK/) === 30);
    subscribed.signal("SIGINT");
    expect(await subscribed.untilEnd()).toBe(0);
    expect(JSON.parse(subscribed.lines.join(""))).toMatchObject({ received: 30, failures: [] });
    expect(broker.complaints).toEqual([]);
  });

  it("says what went wrong, and ends with 1 when nothing went right", async () => {
    const broker = closeAtEnd(await Mosquitto.start({ config: ["allow_anonymous false"] }));
    const at = ["-h", "127.0.0.1", "-p", `${broker.port}`, "-V", "3.1.1", "-d", "1ms"];
    const result = await bench("conn", ...at, "-c", "2", "-i", "0", "-rp", "0");
    expect(result).toMatchObject({ exitCode: 1, connected: 0, refused: 2 });
    expect(result.failures[0].sentence).toBe("CONNACK refuses: not authorized");
  });
});

describe("fairlead bench", () => {
  it("prints a table, and lines on the way when asked to", async () => {
    const port = `${await freePort()}`;
    const both = [
      "-h",
      "127.0.0.1",
      "-p",
      port,
      "--sink",
      port,
      "-c",
      "4",
      "-i",
      "0",
      "-d",
      "1.2s",
    ];
    const { exitCode, stdout, stderr } = await runFairlead("bench", "ping", ...both, "--progress");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^round trips +[\d,]+ in \d+\.\d s$/m);
    expect(stdout).toMatch(/^PUBLISH to answer +p50 .+ p99 /m);
    expect(stderr).toMatch(/^up 4 {2}connected .+ answered [\d,]+\/s$/m);
  });

  it("says how many files are missing before it opens any", async () => {
    const { exitCode, stderr } = await runFairlead("bench", "conn", "-c", "1000000");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^Cannot open 1000000 connections: they need \d+ files/);
  });
});
