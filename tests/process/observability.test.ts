// The dashboard and the alert rules of deploy/observability, held to what a running Fairlead
// exports, and the rules to what they say of themselves: with Prometheus' own promtool.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { startBalancer } from "./balancer.ts";
import { JsClient } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Mosquitto } from "./mosquitto.ts";
import { endProcess, findProgram, spawnPeer } from "./peer-program.ts";
import { freePort } from "./ports.ts";
import { waitUntil } from "./wait-until.ts";

const FOLDER = fileURLToPath(new URL("../../deploy/observability/", import.meta.url));
const RULES = "fairlead-alerts.yaml";
const DASHBOARD = "fairlead-grafana.json";

function promtool(args: readonly string[], input = "") {
  const { status, stdout, stderr } = spawnSync(findProgram("promtool"), args, {
    cwd: FOLDER,
    input,
    encoding: "utf8",
  });
  return { status, said: `${stdout}${stderr}` };
}

/** Every name of ours that a file asks for. */
function namesIn(file: string): string[] {
  const text = readFileSync(FOLDER + file, "utf8");
  return [...new Set(text.match(/\b(?:fairlead|process)_[a-z_]+\b/g))].sort();
}

/** Names of samples; histograms have three each. */
function namesOf(metrics: string): Set<string> {
  return new Set(
    [...metrics.matchAll(/^# TYPE (\S+) (\w+)$/gm)].flatMap(([, name = "", type]) =>
      type === "histogram" ? ["_bucket", "_sum", "_count"].map((end) => name + end) : [name],
    ),
  );
}

it.each([RULES, DASHBOARD])("%s asks for names that /metrics has", async (file) => {
  const broker = closeAtEnd(await Mosquitto.start());
  const { fairlead } = await startBalancer({ servers: [broker.address] });
  const exported = namesOf(await fairlead.fetchPage("/metrics"));
  const asked = namesIn(file);
  expect(asked.length).toBeGreaterThan(10);
  expect(asked.filter((name) => !exported.has(name))).toEqual([]);
});

it("has rules that promtool takes, and that fire when they say", () => {
  expect(promtool(["check", "rules", RULES])).toMatchObject({ status: 0 });
  expect(promtool(["test", "rules", "fairlead-alerts.test.yaml"])).toMatchObject({
    status: 0,
    said: expect.stringContaining("SUCCESS"),
  });
});

it("has a dashboard whose expressions promtool takes", () => {
  const { panels } = JSON.parse(readFileSync(FOLDER + DASHBOARD, "utf8")) as {
    readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[];
  };
  const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  expect(expressions.length).toBeGreaterThan(20);
  const rules = expressions.map((expression, i) => {
    const filled = expression.replaceAll("$__rate_interval", "1m").replaceAll(/\$\w+/g, ".*");
    return { record: `panel:${i}`, expr: filled };
  });
  const folder = mkdtempSync(join(tmpdir(), "fairlead-panels-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "panels.json");
  writeFileSync(file, JSON.stringify({ groups: [{ name: "panels", rules }] }));
  expect(promtool(["check", "rules", file])).toMatchObject({ status: 0 });
});

it("exports metrics that promtool finds nothing wrong with", async () => {
  const broker = closeAtEnd(await Mosquitto.start());
  const { fairlead } = await startBalancer({ servers: [broker.address] });
  const text = await fairlead.fetchPage("/metrics");
  expect(promtool(["check", "metrics"], text)).toEqual({ status: 0, said: "" });
});

it("is scraped by Prometheus, with the rules loaded", async () => {
  const broker = closeAtEnd(await Mosquitto.start());
  const { fairlead, port } = await startBalancer({ servers: [broker.address] });
  closeAtEnd(await JsClient.connect(port));
  const url = await startPrometheus(`127.0.0.1:${fairlead.adminPort}`);
  const countSeen = async () => {
    const query = "fairlead_connack_time_seconds_count";
    const { data } = await readJson<Answer>(`${url}/api/v1/query?query=${query}`);
    return data.result[0]?.value[1];
  };
  await expect.poll(countSeen).toBe("1");
  await expect
    .poll(async () => (await readJson<Targets>(`${url}/api/v1/targets`)).data.activeTargets)
    .toMatchObject([{ health: "up", lastError: "" }]);
  const rules = await readJson<{ readonly data: { readonly groups: readonly unknown[] } }>(
    `${url}/api/v1/rules`,
  );
  expect(rules.data.groups).toHaveLength(1);
});

interface Answer {
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

interface Targets {
  readonly data: { readonly activeTargets: readonly object[] };
}

async function readJson<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T;
}

/** @returns where it answers */
async function startPrometheus(target: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-prometheus-"));
  const config = {
    global: { scrape_interval: "1s", scrape_timeout: "1s" },
    rule_files: [FOLDER + RULES],
    scrape_configs: [{ job_name: "fairlead", static_configs: [{ targets: [target] }] }],
  };
  writeFileSync(join(folder, "prometheus.yml"), JSON.stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  const options = ["--config.file=prometheus.yml", "--storage.tsdb.path=tsdb"];
  const args = [...options, `--web.listen-address=${address}`];
  const child = spawnPeer("prometheus", args, { cwd: folder, stdio: "ignore" });
  onTestFinished(async () => {
    await endProcess(child);
    rmSync(folder, { recursive: true });
  });
  await waitUntil("Prometheus is ready", () =>
    fetch(`http://${address}/-/ready`).then(
      ({ ok }) => ok,
      () => false, // Not listening yet.
    ),
  );
  return `http://${address}`;
}
