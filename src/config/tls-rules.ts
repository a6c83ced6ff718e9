// Rules about TLS: its files are good, its keys fit each other, its ciphers exist, and somebody
// makes use of it.

import { createSecureContext, type SecureContextOptions } from "node:tls";
import { clientKeysOf } from "./client-keys.ts";
import type { Path } from "./raw-document.ts";
import type { Rule, RuleContext } from "./rule.ts";
import type { Document, ListenerDocument, PoolDocument } from "./schema.ts";
import { poolsOf } from "./transport-rules.ts";

type ListenerTls = NonNullable<ListenerDocument["tls"]>;
type ServerTls = NonNullable<PoolDocument["tls"]>;

/** Every `tls` section of listeners. */
function* listenerSections({ listeners }: Document): Iterable<readonly [Path, ListenerTls]> {
  for (const [name, { tls }] of Object.entries(listeners)) {
    if (tls !== undefined) yield [["listeners", name, "tls"], tls];
  }
}

/** Every `tls` section of pools and of single servers. */
function* serverSections({ pools }: Document): Iterable<readonly [Path, ServerTls]> {
  for (const [name, pool] of Object.entries(pools)) {
    if (pool.tls !== undefined) yield [["pools", name, "tls"], pool.tls];
    for (const [index, { tls }] of pool.servers.entries()) {
      if (tls) yield [["pools", name, "servers", index, "tls"], tls];
    }
  }
}

function allSections(document: Document): readonly (readonly [Path, ListenerTls | ServerTls])[] {
  return [...listenerSections(document), ...serverSections(document)];
}

export const certificateFilesAreGood: Rule = ({ tls, report }) => {
  for (const { reading, keyOf } of tls.values()) {
    for (const { part, message, expected, severity } of reading.findings) {
      report({ path: keyOf(part), message, expected, severity });
    }
  }
};

export const ticketKeysAreGood: Rule = ({ document, isGiven, ticketKeys, report }) => {
  const section = ["tls"];
  for (const { index, message, expected } of ticketKeys.reading.findings) {
    report({ path: [...section, "ticketKeys", index], message, expected });
  }
  if (document.tls.ticketKeys.length === 0) return;
  if (isGiven([...section, "ticketRotation"])) {
    const message = "ticketRotation has no effect on keys from files";
    const path = [...section, "ticketRotation"];
    report({ path, message, expected: null, severity: "warning", atKey: true });
  }
  const isUsed = [...listenerSections(document)].some(([, { tickets }]) => tickets);
  if (isUsed) return;
  const message = "ticketKeys has no effect: no listener gives tickets";
  const path = [...section, "ticketKeys"];
  report({ path, message, expected: null, severity: "warning", atKey: true });
};

/** One file or one directory; a directory brings its own keys and OCSP responses. */
export const certificatesAreNamedOnce: Rule = ({ document, report }) => {
  for (const [section, { certificates }] of listenerSections(document)) {
    for (const [index, { certificate, directory, key, ocsp }] of certificates.entries()) {
      const path = [...section, "certificates", index];
      if (directory === undefined) {
        if (certificate !== undefined) continue;
        const message = "a certificate without a file";
        report({ path, message, expected: "the key certificate or directory" });
      } else if (certificate !== undefined) {
        const message = "a certificate is either a file or one of a directory";
        report({ path: [...path, "directory"], message, expected: "certificate or directory" });
      } else if (key !== undefined || ocsp !== undefined) {
        const name = key === undefined ? "ocsp" : "key";
        const message = `${name} has no effect on the certificates of a directory`;
        report({
          path: [...path, name],
          message,
          expected: "it beside them, as in a.pem and a.key",
        });
      }
    }
  }
};

export const clientAuthoritiesAreGiven: Rule = ({ document, isGiven, report }) => {
  for (const [section, { clientCertificate }] of listenerSections(document)) {
    if (clientCertificate === undefined) continue;
    const path = [...section, "clientCertificate"];
    const { mode, authorities } = clientCertificate;
    if (mode !== "none" && authorities === undefined) {
      const message = `clients' certificates are ${mode}, but nobody is named who signs them`;
      report({ path, message, expected: "the key authorities", atKey: true });
    }
    for (const key of mode === "none" ? ["authorities", "revoked", "depth"] : []) {
      if (!isGiven([...path, key])) continue;
      const message = `${key} has no effect where no certificate is asked for`;
      report({ path: [...path, key], message, expected: null, severity: "warning", atKey: true });
    }
  }
};

export const serversAreVerified: Rule = ({ document, isGiven, report }) => {
  for (const [path, { verify, key, certificate }] of serverSections(document)) {
    if (verify === "none") {
      const message = "servers are not verified: whoever takes their address can read everything";
      const expected = "authorities";
      report({ path: [...path, "verify"], message, expected, severity: "warning" });
    }
    if (verify === "none" && isGiven([...path, "authorities"])) {
      const message = "authorities has no effect where servers are not verified";
      const at = [...path, "authorities"];
      report({ path: at, message, expected: null, severity: "warning", atKey: true });
    }
    if (key !== undefined && certificate === undefined) {
      const message = "there is a key and no certificate";
      report({ path: [...path, "key"], message, expected: "the key certificate", atKey: true });
    }
  }
};

export const tlsVersionsAgree: Rule = ({ document, isGiven, report }) => {
  for (const [path, { minVersion, maxVersion }] of allSections(document)) {
    if (minVersion > maxVersion) {
      const message = `minVersion ${minVersion} is above maxVersion ${maxVersion}`;
      const at = isGiven([...path, "minVersion"]) ? "minVersion" : "maxVersion";
      report({ path: [...path, at], message, expected: "a range with a version in it" });
      continue;
    }
    const idle =
      minVersion === "1.3" ? "ciphers" : maxVersion === "1.2" ? "cipherSuites" : undefined;
    if (idle === undefined || !isGiven([...path, idle])) continue;
    const message = `${idle} has no effect on TLS ${minVersion} alone`;
    report({ path: [...path, idle], message, expected: null, severity: "warning", atKey: true });
  }
};

/** Names of ciphers and groups are OpenSSL's, so OpenSSL is asked. */
export const ciphersExist: Rule = (context) => {
  for (const [path, tls] of allSections(context.document)) {
    judgeNames(context, [...path, "ciphers"], tls.ciphers, (ciphers) => ({ ciphers }));
    judgeNames(context, [...path, "cipherSuites"], tls.cipherSuites, (ciphers) => ({ ciphers }));
    const groups = "groups" in tls ? tls.groups : undefined;
    judgeNames(context, [...path, "groups"], groups, (ecdhCurve) => ({ ecdhCurve }));
  }
};

// One by one: in a list OpenSSL passes over what it does not know.
function judgeNames(
  { report }: RuleContext,
  path: Path,
  list: string | undefined,
  toOptions: (name: string) => SecureContextOptions,
): void {
  for (const name of list?.split(":") ?? []) {
    // Parts such as !aNULL and @STRENGTH only change what others have named.
    if (/^[!+@-]/.test(name) || isKnown(toOptions(name))) continue;
    const message = `OpenSSL knows no "${name}"`;
    report({ path, message, expected: "names with : between them" });
    return;
  }
}

function isKnown(options: SecureContextOptions): boolean {
  try {
    createSecureContext(options);
    return true;
  } catch {
    // The only reason there can be: nothing else was asked for.
    return false;
  }
}

/** Knowing clients by their certificate wants listeners that ask for one. */
export const certificateKeyIsAskedFor: Rule = ({ document, report }) => {
  for (const [name, listener] of Object.entries(document.listeners)) {
    const mode = listener.tls?.clientCertificate?.mode ?? "none";
    for (const poolName of mode === "none" ? poolsOf(listener) : []) {
      const pool = document.pools[poolName];
      const keys = pool === undefined ? [] : clientKeysOf(pool);
      const unknown = keys.find(({ key }) => key.startsWith("certificate-"));
      if (unknown === undefined) continue;
      const does = `"${poolName}" ${unknown.what}`;
      const message = `listeners.${name} asks for no certificate, but ${does}`;
      const expected = "tls.clientCertificate";
      report({ path: ["listeners", name, "pool"], message, expected });
    }
  }
};
