// Certificates for tests, made by the openssl command in a folder: two authorities, servers,
// clients, and every way in which a certificate can be no good. Files and their text both.
//
// Made anew by every call (about a second): no key is kept in the repository.

import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A certificate with its chain, leaf first, and its key. */
export interface Credentials {
  /** Paths of PEM files. */
  readonly certFile: string;
  readonly keyFile: string;
  /** What is in them. */
  readonly cert: string;
  readonly key: string;
}

/** A file and what is in it. */
export interface TextFile {
  readonly file: string;
  readonly text: string;
}

export interface Certificates {
  /** The root, "Fairlead Test Root". */
  readonly ca: Credentials;
  /** Signed by the root; `cert` is itself alone. */
  readonly intermediate: Credentials;
  /** A root that nobody knows. */
  readonly otherCa: Credentials;

  /** P-256; names `localhost`, `mqtt.fairlead.test`, `*.wild.fairlead.test`, 127.0.0.1 and ::1. */
  readonly server: Credentials;
  /** RSA 2048, the same names. */
  readonly serverRsa: Credentials;
  /** P-256 for `other.fairlead.test`. */
  readonly serverOther: Credentials;
  /** P-256 for `localhost`, signed by the intermediate, which is in `cert` as well. */
  readonly serverChained: Credentials;
  readonly serverExpired: Credentials;

  /** CN=device-1 under O=Fairlead, OU=Devices, C=DE; P-256. */
  readonly client: Credentials;
  /** CN=device-rsa; RSA 2048. */
  readonly clientRsa: Credentials;
  /** CN=device-chained, signed by the intermediate, which is in `cert` as well. */
  readonly clientChained: Credentials;
  readonly clientExpired: Credentials;
  readonly clientNotYetValid: Credentials;
  /** Named by `crl`. */
  readonly clientRevoked: Credentials;
  /** Signed by `otherCa`. */
  readonly clientUnknown: Credentials;
  /** Signed by the root, but for servers only. */
  readonly clientWrongPurpose: Credentials;

  /** The root's revocation list, PEM. */
  readonly crl: TextFile;
  /** The intermediate's revocation list, PEM; empty. */
  readonly intermediateCrl: TextFile;
  /** A DER OCSP response of the root that says `server` is good. */
  readonly ocspFile: string;
}

const SERVER_NAMES =
  "DNS:localhost,DNS:mqtt.fairlead.test,DNS:*.wild.fairlead.test,IP:127.0.0.1,IP:::1";
const LONG_AGO = ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"];
const FAR_AHEAD = ["-startdate", "20900101000000Z", "-enddate", "20910101000000Z"];
const DEVICE = "/C=DE/O=Fairlead/OU=Devices/CN=";

/** Makes all of them in `folder`, which is created. Throws what openssl says. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  await mkdir(folder, { recursive: true });
  const root = new Authority(folder, "ca");
  const other = new Authority(folder, "other-ca");
  const ca = await root.found("/O=Fairlead/CN=Fairlead Test Root");
  const otherCa = await other.found("/O=Elsewhere/CN=Unknown Root");
  const intermediate = await root.issue("intermediate", {
    subject: "/O=Fairlead/CN=Fairlead Test Intermediate",
    extensions: ["basicConstraints=critical,CA:TRUE", "keyUsage=keyCertSign,cRLSign"],
  });
  const middle = new Authority(folder, "intermediate");
  await middle.open();
  const servers = await makeServers(root, middle, intermediate);
  const clients = await makeClients(root, middle, other, intermediate);
  await root.revoke(clients.clientRevoked);
  const crl = await root.listRevoked();
  const intermediateCrl = await middle.listRevoked();
  const ocspFile = await root.vouchFor(servers.server);
  const authorities = { ca, otherCa, intermediate };
  return { ...authorities, ...servers, ...clients, crl, intermediateCrl, ocspFile };
}

async function makeServers(root: Authority, middle: Authority, intermediate: Credentials) {
  const subject = "/O=Fairlead/CN=localhost";
  const extensions = serverExtensions(SERVER_NAMES);
  const chained = await middle.issue("server-chained", {
    subject,
    extensions: serverExtensions("DNS:localhost"),
  });
  return {
    server: await root.issue("server", { subject, extensions }),
    serverRsa: await root.issue("server-rsa", { subject, extensions, keyType: "rsa" }),
    serverOther: await root.issue("server-other", {
      subject: "/O=Fairlead/CN=other.fairlead.test",
      extensions: serverExtensions("DNS:other.fairlead.test"),
    }),
    serverChained: await withChain(chained, intermediate),
    serverExpired: await root.issue("server-expired", { subject, extensions, dates: LONG_AGO }),
  };
}

async function makeClients(
  root: Authority,
  middle: Authority,
  other: Authority,
  intermediate: Credentials,
) {
  const extensions = ["extendedKeyUsage=clientAuth"];
  const wanted = (name: string) => ({ subject: DEVICE + name, extensions });
  const chained = await middle.issue("client-chained", wanted("device-chained"));
  return {
    client: await root.issue("client", wanted("device-1")),
    clientRsa: await root.issue("client-rsa", { ...wanted("device-rsa"), keyType: "rsa" }),
    clientChained: await withChain(chained, intermediate),
    clientExpired: await root.issue("client-expired", {
      ...wanted("device-expired"),
      dates: LONG_AGO,
    }),
    clientNotYetValid: await root.issue("client-not-yet-valid", {
      ...wanted("device-not-yet-valid"),
      dates: FAR_AHEAD,
    }),
    clientRevoked: await root.issue("client-revoked", wanted("device-revoked")),
    clientUnknown: await other.issue("client-unknown", wanted("device-unknown")),
    clientWrongPurpose: await root.issue("client-wrong-purpose", {
      subject: `${DEVICE}device-wrong-purpose`,
      extensions: ["extendedKeyUsage=serverAuth"],
    }),
  };
}

function serverExtensions(names: string): string[] {
  return [`subjectAltName=${names}`, "extendedKeyUsage=serverAuth"];
}

interface Wanted {
  readonly subject: string;
  readonly extensions: readonly string[];
  readonly keyType?: "ec" | "rsa";
  /** Options of `openssl ca`; without them a year from now. */
  readonly dates?: readonly string[];
}

/** One `openssl ca`: a key, a certificate and a database of what was signed. */
class Authority {
  readonly #folder: string;
  readonly #name: string;
  readonly #config: string;

  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
    this.#config = join(folder, `${name}.conf`);
  }

  /** Makes a root that signs itself. */
  async found(subject: string): Promise<Credentials> {
    await this.open();
    const { certFile, keyFile } = this.#paths(this.#name);
    const isAuthority = ["-addext", "keyUsage=keyCertSign,cRLSign"];
    await openssl(
      ["req", "-x509", ...newKey("ec"), "-keyout", keyFile, "-out", certFile],
      ["-days", "7300", "-subj", subject, ...isAuthority],
    );
    return readCredentials(certFile, keyFile);
  }

  /** Writes the database of an authority whose certificate and key are there, or will be. */
  async open(): Promise<void> {
    await writeFile(join(this.#folder, `${this.#name}.index`), "");
    await writeFile(join(this.#folder, `${this.#name}.index.attr`), "unique_subject = no\n");
    await writeFile(this.#config, this.#settings());
  }

  async issue(name: string, wanted: Wanted): Promise<Credentials> {
    const { certFile, keyFile } = this.#paths(name);
    const request = join(this.#folder, `${name}.csr`);
    const extensions = join(this.#folder, `${name}.ext`);
    await writeFile(extensions, `${wanted.extensions.join("\n")}\n`);
    await openssl(
      ["req", ...newKey(wanted.keyType ?? "ec"), "-keyout", keyFile, "-out", request],
      ["-subj", wanted.subject],
    );
    await this.#ca(
      ["-in", request, "-out", certFile, "-extfile", extensions, "-notext"],
      wanted.dates ?? ["-days", "365"],
    );
    return readCredentials(certFile, keyFile);
  }

  async revoke({ certFile }: Credentials): Promise<void> {
    await this.#ca(["-revoke", certFile]);
  }

  async listRevoked(): Promise<TextFile> {
    const file = join(this.#folder, `${this.#name}.crl`);
    await this.#ca(["-gencrl", "-crldays", "365", "-out", file]);
    return { file, text: await readFile(file, "utf8") };
  }

  /** @returns the path of an OCSP response for a certificate that this authority has signed */
  async vouchFor({ certFile }: Credentials): Promise<string> {
    const { certFile: ca, keyFile: key } = this.#paths(this.#name);
    const response = certFile.replace(/pem$/, "ocsp");
    const database = join(this.#folder, `${this.#name}.index`);
    await openssl(
      ["ocsp", "-index", database, "-CA", ca, "-rsigner", ca, "-rkey", key, "-ndays", "365"],
      ["-issuer", ca, "-cert", certFile, "-respout", response],
    );
    return response;
  }

  async #ca(...options: (readonly string[])[]): Promise<void> {
    await openssl(["ca", "-config", this.#config, "-batch"], ...options);
  }

  #paths(name: string): { certFile: string; keyFile: string } {
    return {
      certFile: join(this.#folder, `${name}.pem`),
      keyFile: join(this.#folder, `${name}.key`),
    };
  }

  #settings(): string {
    const { certFile, keyFile } = this.#paths(this.#name);
    return `[ca]
default_ca = authority
[authority]
database = ${join(this.#folder, `${this.#name}.index`)}
new_certs_dir = ${this.#folder}
certificate = ${certFile}
private_key = ${keyFile}
default_md = sha256
rand_serial = yes
policy = anything
[anything]
countryName = optional
organizationName = optional
organizationalUnitName = optional
commonName = supplied
`;
  }
}

/** Options of `openssl req` for a key that is not encrypted. */
function newKey(type: "ec" | "rsa"): string[] {
  const options = type === "rsa" ? ["rsa:2048"] : ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
  return ["-nodes", "-newkey", ...options];
}

async function withChain(leaf: Credentials, issuer: Credentials): Promise<Credentials> {
  const cert = leaf.cert + issuer.cert;
  await writeFile(leaf.certFile, cert);
  return { ...leaf, cert };
}

async function readCredentials(certFile: string, keyFile: string): Promise<Credentials> {
  const [cert, key] = await Promise.all([readFile(certFile, "utf8"), readFile(keyFile, "utf8")]);
  return { certFile, keyFile, cert, key };
}

function openssl(...options: (readonly string[])[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile("openssl", options.flat(), (error, _stdout, stderr) => {
      if (error === null) return resolve();
      const missing = "code" in error && error.code === "ENOENT";
      const reason = missing ? "the package openssl is not installed" : stderr;
      reject(new Error(`Cannot make a test certificate: ${reason}`, { cause: error }));
    });
  });
}
