// The cases of the recorded choices: for each, the servers, what the program's file says, what our
// pool says, and the steps: clients that come and leave ("take 9": nine of them), come and stay
// ("hold 9"), go again ("close 1 3": three of server 1, the oldest first), servers that change
// ("down 1", "up 1", "weight 1 20").

/**
 * @typedef {object} Server
 * @property {number} [weight]
 * @property {number} [id]
 * @property {boolean} [backup]
 * @property {number} [connectionsMax]
 * @property {boolean} [down]
 */
/** @typedef {"none" | "client-id" | "ipv4" | "ipv4-bytes" | "ipv6" | "address-text"} KeyKind */
/**
 * @typedef {object} Case
 * @property {string} name
 * @property {"haproxy" | "nginx"} program
 * @property {readonly string[]} lines of the backend, or of the upstream
 * @property {Record<string, unknown>} pool
 * @property {KeyKind} key what clients differ in
 * @property {KeyKind} [seen] what the program sees of it, if that is something else
 * @property {readonly Server[]} servers
 * @property {string} steps separated by commas
 */

const KEYS = 1000;
const WEIGHTS = [10, 20, 30, 5, 35];
/** Once a server is chosen, the payload is not there any more: record-balance.js keeps the id. */
const EXPRESSION = "var(txn.id)";
const weighted = (/** @type {readonly number[]} */ weights) =>
  weights.map((weight) => ({ weight }));

/** HAProxy keeps full servers' clients waiting and uses one backup. */
const HAPROXY_BACKUPS = { use: "first", when: "none-usable" };
const ALL_BACKUPS = { use: "all", when: "none-usable" };

/** @type {Case[]} */
const hashes = [];
for (const type of ["map-based", "consistent"]) {
  for (const name of ["sdbm", "djb2", "wt6", "crc32"]) {
    for (const avalanche of [false, true]) {
      const modifier = avalanche ? " avalanche" : "";
      hashes.push({
        name: `hash, ${type} ${name}${modifier}`,
        program: "haproxy",
        lines: [`balance hash ${EXPRESSION}`, `hash-type ${type} ${name}${modifier}`],
        pool: { balance: "hash", hash: { type: ours(type), function: name, avalanche } },
        key: "client-id",
        servers: weighted(WEIGHTS),
        steps: `take ${KEYS}`,
      });
    }
  }
}

function ours(/** @type {string} */ type) {
  return type === "consistent" ? "consistent-16" : type;
}

/** @type {Case[]} */
const sources = [];
for (const key of /** @type {const} */ (["ipv4", "ipv6"])) {
  for (const [type, avalanche] of /** @type {const} */ ([
    ["map-based", false],
    ["map-based sdbm avalanche", true],
    ["consistent", true],
  ])) {
    sources.push({
      name: `source, ${type}, ${key}`,
      program: "haproxy",
      lines: ["balance source", `hash-type ${type}`],
      pool: { balance: "source-hash", hash: { type: ours(type.split(" ")[0] ?? ""), avalanche } },
      key,
      servers: weighted([1, 1, 2, 3]),
      steps: `take ${KEYS}`,
    });
  }
}

for (const type of ["map-based", "consistent"]) {
  sources.push({
    name: `hash of the address, ${type}`,
    program: "haproxy",
    lines: ["balance hash src", `hash-type ${type}`],
    pool: { balance: "hash", hash: { type: ours(type) } },
    key: "ipv4-bytes",
    servers: weighted([1, 1, 2, 3]),
    steps: `take ${KEYS}`,
  });
}

/** @type {Case[]} */
const changingHashes = [
  {
    name: "hash, consistent, while servers and weights change",
    program: "haproxy",
    lines: [`balance hash ${EXPRESSION}`, "hash-type consistent"],
    pool: { balance: "hash", hash: { type: "consistent-16" } },
    key: "client-id",
    servers: [{ weight: 1, id: 7 }, { weight: 4 }, { weight: 2, id: 100 }, { weight: 1 }],
    steps:
      "take 300, down 1, take 300, weight 0 6, take 300, up 1, take 300, weight 2 1, " +
      "down 3, take 300, down 0, down 1, take 50",
  },
  {
    name: "hash, map-based, while servers change",
    program: "haproxy",
    lines: [`balance hash ${EXPRESSION}`, "hash-type map-based"],
    pool: { balance: "hash", hash: { type: "map-based" } },
    key: "client-id",
    servers: weighted([12, 8, 4, 20]),
    steps:
      "take 300, down 1, take 300, down 3, take 300, up 1, take 300, down 0, down 1, " + "take 50",
  },
  {
    name: "hash, consistent, bounded to 125 %",
    program: "haproxy",
    lines: [`balance hash ${EXPRESSION}`, "hash-type consistent", "hash-balance-factor 125"],
    pool: { balance: "hash", hash: { type: "consistent-16", loadMaxPercent: 125 } },
    key: "client-id",
    servers: weighted([3, 1, 2, 2]),
    steps: "hold 200, close 0 30, close 2 11, hold 100",
  },
  {
    name: "hash of clients without a key, consistent",
    program: "haproxy",
    lines: [`balance hash ${EXPRESSION}`, "hash-type consistent"],
    pool: { balance: "hash", hash: { type: "consistent-16" } },
    key: "none",
    servers: weighted([1, 2, 3]),
    steps: "take 200, down 1, take 100",
  },
  {
    name: "hash of the payload, which HAProxy has no more when it chooses",
    program: "haproxy",
    lines: [
      "balance hash req.payload(0,0),mqtt_field_value(connect,client_identifier)",
      "hash-type consistent",
    ],
    pool: { balance: "hash", hash: { type: "consistent-16" } },
    key: "client-id",
    seen: "none",
    servers: weighted([1, 2, 3]),
    steps: "take 100",
  },
  {
    name: "hash of clients without a key, map-based",
    program: "haproxy",
    lines: [`balance hash ${EXPRESSION}`, "hash-type map-based"],
    pool: { balance: "hash", hash: { type: "map-based" } },
    key: "none",
    servers: weighted([1, 2, 3]),
    steps: "take 30, down 1, take 30",
  },
];

/** @returns {Case} */
function turns(
  /** @type {string} */ name,
  /** @type {readonly Server[]} */ servers,
  /** @type {string} */ steps,
) {
  const lines = ["balance roundrobin"];
  const pool = { balance: "round-robin" };
  return {
    name: `roundrobin, ${name}`,
    program: "haproxy",
    lines,
    pool,
    key: "none",
    servers,
    steps,
  };
}

const comings =
  "take 17, down 2, take 31, up 2, take 40, down 0, take 9, down 1, take 12, up 0, " +
  "take 25, up 1, take 60";
const reweighings =
  "take 13, weight 0 7, take 40, weight 1 1, take 33, weight 2 0, take 20, " +
  "weight 2 30, take 50, weight 0 1, take 60, down 1, weight 2 5, take 20, up 1, " +
  "take 40";

/** @type {Case[]} */
const roundRobins = [
  turns("equal weights", weighted([1, 1, 1]), "take 30"),
  turns("one heavy server", weighted([5, 1, 1]), "take 70"),
  turns("uneven weights", weighted([10, 20, 30, 40]), "take 200"),
  turns("weights without a common factor", weighted([7, 3, 256, 1, 19]), "take 600"),
  turns("down and up, equal", weighted([1, 1, 1, 1]), comings),
  turns("down and up, weighted", weighted([3, 5, 2, 9]), comings),
  turns("weights that change", weighted([2, 3, 4]), reweighings),
  turns(
    "full servers",
    [{ connectionsMax: 4 }, { weight: 2 }, { weight: 3, connectionsMax: 6 }],
    "hold 30, close 0 2, hold 7, close 2 3, hold 20",
  ),
  {
    ...turns(
      "one backup after the other",
      [...weighted([1, 2]), { backup: true }, { backup: true }],
      "take 6, down 0, take 4, down 1, take 6, down 2, take 5, up 2, take 3, up 1, take 4",
    ),
    pool: { balance: "round-robin", backups: HAPROXY_BACKUPS },
  },
  {
    ...turns(
      "all backups",
      [{}, { backup: true, weight: 2 }, { backup: true, weight: 5 }],
      "take 3, down 0, take 20, up 0, take 3, down 0, take 9",
    ),
    lines: ["balance roundrobin", "option allbackups"],
    pool: { balance: "round-robin", backups: ALL_BACKUPS },
  },
];

/** @type {Case[]} */
const others = [
  {
    name: "static-rr, down and up",
    program: "haproxy",
    lines: ["balance static-rr"],
    pool: { balance: "static-round-robin" },
    key: "none",
    servers: weighted([6, 10, 4, 18]),
    steps: comings,
  },
  {
    name: "static-rr, weights without a common factor",
    program: "haproxy",
    lines: ["balance static-rr"],
    pool: { balance: "static-round-robin" },
    key: "none",
    servers: weighted([7, 3, 256, 1, 19]),
    steps: "take 600",
  },
  {
    name: "first, by id",
    program: "haproxy",
    lines: ["balance first"],
    pool: { balance: "first" },
    key: "none",
    servers: [{ id: 30, connectionsMax: 3 }, { id: 10, connectionsMax: 4 }, { id: 20 }],
    steps: "hold 9, close 1 1, hold 2, down 2, hold 2, up 2, hold 2",
  },
  ...[
    ["equal weights", [1, 1, 1, 1]],
    ["uneven weights", [1, 4, 2, 16]],
  ].map(([what, weights]) => ({
    name: `leastconn, ${what}`,
    program: /** @type {const} */ ("haproxy"),
    lines: ["balance leastconn"],
    pool: { balance: "least-connections" },
    key: /** @type {const} */ ("none"),
    servers: weighted(/** @type {number[]} */ (weights)),
    steps:
      "hold 40, close 1 3, hold 9, close 3 5, close 0 1, hold 15, down 1, hold 8, up 1, " +
      "hold 20, close 2 2, hold 6, close 3 3, close 0 1, weight 0 8, hold 30",
  })),
  {
    name: "leastconn, full servers",
    program: "haproxy",
    lines: ["balance leastconn"],
    pool: { balance: "least-connections" },
    key: "none",
    servers: [{ connectionsMax: 2 }, { connectionsMax: 5 }, {}],
    steps: "hold 14, close 0 1, hold 3, close 1 3, hold 4",
  },
];

/** @type {Case[]} */
const nginx = [
  ...[
    ["equal weights", [1, 1, 1]],
    ["one heavy server", [5, 1, 1]],
    ["uneven weights", [10, 20, 30, 41]],
  ].map(([what, weights]) => ({
    name: `round robin, ${what}`,
    program: /** @type {const} */ ("nginx"),
    lines: [],
    pool: { balance: "smooth-round-robin" },
    key: /** @type {const} */ ("none"),
    servers: weighted(/** @type {number[]} */ (weights)),
    steps: "take 210",
  })),
  {
    name: "round robin, backups",
    program: "nginx",
    lines: [],
    pool: { balance: "smooth-round-robin" },
    key: "none",
    servers: [{ connectionsMax: 2 }, { backup: true, weight: 2 }, { backup: true }],
    steps: "hold 11",
  },
  ...[
    ["equal weights", [1, 1, 1]],
    ["uneven weights", [1, 4, 2]],
  ].map(([what, weights]) => ({
    name: `least_conn, ${what}`,
    program: /** @type {const} */ ("nginx"),
    lines: ["least_conn"],
    pool: { balance: "smooth-least-connections" },
    key: /** @type {const} */ ("none"),
    servers: weighted(/** @type {number[]} */ (weights)),
    steps: "hold 30, close 1 3, hold 9, close 0 4, hold 20",
  })),
];
for (const [suffix, type] of /** @type {const} */ ([
  ["", "rehash"],
  [" consistent", "ketama"],
])) {
  for (const [down, what] of /** @type {const} */ ([
    [false, "all up"],
    [true, "two down"],
  ])) {
    nginx.push({
      name: `hash${suffix}, ${what}`,
      program: "nginx",
      lines: [`hash $proxy_protocol_addr${suffix}`],
      pool: { balance: "hash", hash: { type } },
      key: "address-text",
      servers: WEIGHTS.map((weight, i) => ({ weight, down: down && (i === 1 || i === 4) })),
      steps: `take ${KEYS}`,
    });
  }
  nginx.push({
    name: `hash${suffix} of the binary address`,
    program: "nginx",
    lines: [`hash $binary_remote_addr${suffix}`],
    pool: { balance: "source-hash", hash: { type } },
    key: "ipv4",
    servers: weighted([1, 1, 2]),
    steps: `take ${KEYS}`,
  });
}

export const CASES = [
  ...hashes,
  ...sources,
  ...changingHashes,
  ...roundRobins,
  ...others,
  ...nginx,
];
