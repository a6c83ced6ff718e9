// HAProxy's socket as Fairlead answers it, beside a real HAProxy: values have the same kinds,
// queues hold who waits, counters are cleared, changes are said in the same words.
import { type ChildProcess, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { JsClient } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead } from "./fairlead.ts";
import { Mosquitto } from "./mosquitto.ts";
import { endProcess, findProgram, spawnPeer } from "./peer-program.ts";
import { freePorts } from "./ports.ts";
import { RawClient } from "./raw-clients.ts";
import { waitUntil } from "./wait-until.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-socket-"));
const ours = join(folder, "fairlead.sock");
const theirs = join(folder, "haproxy.sock");

let broker: Mosquitto;
let fairlead: Fairlead;
let haproxy: ChildProcess;
let port = 0;
/** Where HAProxy speaks HTTP: only of that it shows errors. */
let httpPort = 0;

beforeAll(async () => {
  broker = await Mosquitto.start();
  const [own, adminPort, other, http] = (await freePorts(4)) as [number, number, number, number];
  port = own;
  httpPort = http;
  const config = `
admin:
  listen: "127.0.0.1:${adminPort}"
  haproxySocket: { listen: "${ours}", level: admin }
listeners: { mqtt: { listen: "127.0.0.1:${port}", pool: brokers } }
pools:
  brokers:
    stick: { by: client-id }
    queue: { timeout: 1m }
    check: { type: tcp, interval: 100ms, timeout: 1m, fall: 1, rise: 1 }
    servers: [{ name: b1, address: "${broker.address}", connections: 1 }]
`;
  fairlead = await Fairlead.start({ config, adminPort });
  const file = join(folder, "haproxy.cfg");
  writeFileSync(
    file,
    `global
  stats socket ${theirs} level admin
defaults
  mode tcp
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend mqtt
  bind 127.0.0.1:${other}
  default_backend brokers
frontend http
  mode http
  bind 127.0.0.1:${http}
backend brokers
  server b1 ${broker.address} check inter 100ms
`,
  );
  haproxy = spawnPeer("haproxy", ["-f", file, "-db"], { stdio: "ignore" });
  await waitUntil("both have checked", () =>
    [ours, theirs].every((path) => /\bL4OK\b/.test(say("show stat", path))),
  );
});

afterAll(async () => {
  await endProcess(haproxy, "SIGKILL");
  await fairlead.close();
  await broker.close();
  rmSync(folder, { recursive: true });
});

/** Sends bytes and waits until the other side has closed. */
function sendAndClose(to: number, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port: to }, () => socket.write(bytes));
    socket.on("error", () => socket.destroy()).on("close", () => resolve());
    socket.on("end", () => socket.destroy()).resume();
  });
}

function say(command: string, path = ours): string {
  const { stdout } = spawnSync(findProgram("socat"), ["-t5", "-", `UNIX-CONNECT:${path}`], {
    input: `${command}\n`,
    encoding: "utf8",
  });
  return stdout;
}

/** By object and name of a value: its tags and its type. */
function kindsOf(typed: string): Map<string, string> {
  const lines = typed.split("\n").filter((line) => /^[\w]\./.test(line) || /^\d+\./.test(line));
  return new Map(
    lines.map((line) => {
      const [place = "", tags = "", type = ""] = line.split(":");
      const parts = place.split(".");
      const letter = /^\d+$/.test(parts[0] ?? "") ? "info" : parts[0];
      return [`${letter} ${parts.at(-2)}`, `${tags}:${type}`];
    }),
  );
}

function statOf(name: string): Record<string, string> {
  const [head = "", ...rows] = say("show stat").replace("# ", "").split("\n");
  const cells = rows.map((row) => row.split(",")).find((row) => row[1] === name) ?? [];
  return Object.fromEntries(head.split(",").map((column, i) => [column, cells[i] ?? ""]));
}

describe("HAProxy's socket", () => {
  it.each(["show stat", "show info"])("%s typed has the kinds that HAProxy has", (command) => {
    const own = kindsOf(say(`${command} typed`));
    const other = kindsOf(say(`${command} typed`, theirs));
    const both = [...own].filter(([name]) => other.has(name));
    expect(both.length).toBeGreaterThan(30);
    expect(both).toEqual(both.map(([name]) => [name, other.get(name)]));
  });

  it("show stat json and show info json have HAProxy's shape", () => {
    const shapeOf = (value: unknown): unknown => {
      if (Array.isArray(value)) return [shapeOf(value[0])];
      if (typeof value !== "object" || value === null) return typeof value;
      return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, shapeOf(of)]));
    };
    for (const command of ["show stat json", "show info json"]) {
      const [own, other] = [ours, theirs].map((path) => JSON.parse(say(command, path)));
      expect(shapeOf(own)).toEqual(shapeOf(other));
    }
  });

  it("shows who waits for their own server, and who for any; and clears what was", async () => {
    const first = closeAtEnd(await RawClient.connect({ port, clientId: "known" }));
    first.close();
    await waitUntil("it has left", () => statOf("b1")["scur"] === "0");
    closeAtEnd(await RawClient.connect({ port, clientId: "served" }));
    // Neither gets a CONNACK until there is room.
    const known = RawClient.connect({ port, clientId: "known" });
    const unknown = RawClient.connect({ port, clientId: "unknown" });
    await waitUntil("both wait", () => {
      return statOf("b1")["qcur"] === "1" && statOf("BACKEND")["qcur"] === "1";
    });
    const text = await fairlead.fetchPage("/metrics");
    expect(text).toContain('fairlead_server_queue_length{pool="brokers",server="b1"} 1');
    expect(text).toContain('fairlead_pool_queue_length{pool="brokers"} 1');
    expect(say("set maxconn server brokers/b1 0")).toBe("\n");
    for (const client of [await known, await unknown]) closeAtEnd(client);
    await waitUntil("rates are counted", () => !/^MaxConnRate: 0$/m.test(say("show info")));
    expect(statOf("b1")).toMatchObject({ qcur: "0", qmax: "1", scur: "3", smax: "3", stot: "4" });
    expect(statOf("BACKEND")).toMatchObject({ qcur: "0", qmax: "1" });

    expect(say("clear counters")).toBe("\n");
    expect(statOf("b1")).toMatchObject({ qmax: "0", smax: "3", stot: "4" });
    expect(say("clear counters all")).toBe("\n");
    expect(statOf("b1")).toMatchObject({ scur: "3", stot: "0", bin: "0", bout: "0", lbtot: "0" });
    expect(statOf("FRONTEND")).toMatchObject({ scur: "3", stot: "0", conn_tot: "0" });
    closeAtEnd(await RawClient.connect({ port, clientId: "another" }));
    expect(statOf("b1")).toMatchObject({ scur: "4", stot: "1" });
    const total = 'fairlead_server_connections_total{pool="brokers",server="b1"}';
    await expect.poll(() => fairlead.fetchMetric(total)).toBe(5);
  });

  it("show errors dumps what a client has sent as HAProxy dumps it", async () => {
    const every = Uint8Array.from({ length: 256 }, (_, i) => i);
    const bytes = Buffer.concat([Buffer.from("\u0010\u000f"), every, Buffer.from("a line\r\nend")]);
    for (const to of [port, httpPort]) await sendAndClose(to, bytes);
    const dumpOf = (path: string) =>
      say("show errors", path)
        .split("\n")
        .filter((line) => /^ {2}\d{5}[ +] /.test(line));
    await waitUntil("both have captured it", () =>
      [ours, theirs].every((path) => dumpOf(path).length > 0),
    );
    expect(dumpOf(ours)).toEqual(dumpOf(theirs));
    expect(say("show errors")).toMatch(/frontend mqtt \(#2\): invalid request\n/);
    // Behind the length: no protocol has a name of one byte.
    expect(say("show errors")).toMatch(/, of which \d+ are shown, error at position 2\n/);
    expect(say("show errors", theirs)).toMatch(/, error at position 0\n/);
    expect(say("show errors mqtt response")).not.toContain("invalid");
    expect(say("show errors nobody")).toBe(say("show errors nobody", theirs));
  });

  it("Idle_pct falls when workers have something to do", async () => {
    const idle = () => Number(/^Idle_pct: (\d+)$/m.exec(say("show info"))?.[1]);
    const busy = closeAtEnd(await JsClient.connect(port, { clientId: "busy" }));
    const timer = setInterval(() => {
      for (let i = 0; i < 200; i++) busy.client.publish("a", "x");
    }, 5);
    try {
      await waitUntil("it falls", () => idle() < 100);
    } finally {
      clearInterval(timer);
    }
    expect(idle()).toBeGreaterThanOrEqual(0);
  });

  it("counts how often a server and its backend went down, and for how long", async () => {
    expect(statOf("BACKEND")).toMatchObject({ status: "UP", chkdown: "0" });
    say("set server brokers/b1 health down");
    await waitUntil("it is up again, as its checks say", () => statOf("b1")["chkdown"] === "1");
    await waitUntil("the backend, too", () => statOf("BACKEND")["status"] === "UP");
    expect(statOf("BACKEND")["chkdown"]).toBe("1");
  });

  it.each([
    "disable health brokers/b1",
    "enable health brokers/b1",
    "set server brokers/b1 addr 127.0.0.1",
    "set server brokers/b1 addr nonsense",
    "set server brokers/b1 addr",
    "set server brokers/b1 addr 127.0.0.3",
    "set server brokers/b1 addr 127.0.0.1 port 9",
    "set server brokers/b1 addr 127.0.0.1 port 9",
    "show servers state nobody",
  ])("%s: the same words", (command) => {
    expect(say(command)).toBe(say(command, theirs));
  });

  it("show servers state says whether a server is checked, and where it is", () => {
    const rowOf = (path: string) => {
      const [, head = "", row = ""] = say("show servers state", path).split("\n");
      const cells = row.split(" ");
      const at = (name: string) => cells[head.split(" ").indexOf(name) - 1];
      // The lowest bit says that a check is under way just now (CHK_ST_INPROGRESS of check-t.h).
      const checkState = `${Number(at("srv_check_state")) & ~1}`;
      return [checkState, ...["srv_addr", "srv_port", "srv_admin_state"].map(at)];
    };
    for (const command of ["disable health brokers/b1", "enable health brokers/b1"]) {
      for (const path of [ours, theirs]) say(command, path);
      const [own = [], other] = [rowOf(ours), rowOf(theirs)];
      expect(own).toEqual(other);
      expect(own[0]).toBe(command.startsWith("disable") ? "2" : "6");
    }
  });
});
