// Reads the files that the `tls` sections of a document name: the one place of config/ that does.
//
// What is wrong with a file is an answer, not an exception: tls-rules.ts reports it at the place of
// its name. Paths that are not absolute start at the folder of the configuration file.

import { resolve } from "node:path";
import type { FileReader } from "../certificates/file-reader.ts";
import { type ReadMaterial, readMaterial } from "../certificates/read-material.ts";
import { type ReadTicketKeys, readTicketKeys } from "../certificates/ticket-key-files.ts";
import type { CertificateSource, SourcePart, TlsSource } from "../certificates/tls-source.ts";
import { formatPath, type Path } from "./raw-document.ts";
import type { Document, ListenerDocument, PoolDocument } from "./schema.ts";

export interface TlsAnswer {
  readonly source: TlsSource;
  readonly reading: ReadMaterial;
  /** The key that a finding about one of the source's paths belongs to. */
  readonly keyOf: (part: SourcePart) => Path;
}

/** By the path of the `tls` section, as `formatPath` writes it. */
export type TlsAnswers = ReadonlyMap<string, TlsAnswer>;

export interface TlsFilesOptions {
  /** Where relative paths start. */
  readonly folder: string;
  readonly files: FileReader;
  readonly nowMs: number;
}

/** What `tls.ticketKeys` names, as paths that can be opened; empty for none. */
export interface TicketKeyAnswer {
  readonly files: readonly string[];
  readonly reading: ReadTicketKeys;
}

type ListenerTls = NonNullable<ListenerDocument["tls"]>;
type ServerTls = NonNullable<PoolDocument["tls"]>;
type Question = Omit<TlsAnswer, "reading">;

export async function readTlsFiles(
  document: Document,
  { folder, files, nowMs }: TlsFilesOptions,
): Promise<TlsAnswers> {
  const questions = [...listQuestions(document, (path) => resolve(folder, path))];
  const answers = questions.map(async ([name, question]) => {
    const reading = await readMaterial(question.source, files, nowMs);
    return [name, { ...question, reading }] as const;
  });
  return new Map(await Promise.all(answers));
}

export async function readTicketKeyFiles(
  { tls }: Document,
  { folder, files }: Pick<TlsFilesOptions, "folder" | "files">,
): Promise<TicketKeyAnswer> {
  const paths = tls.ticketKeys.map((path) => resolve(folder, path));
  return { files: paths, reading: await readTicketKeys(paths, files) };
}

type Place = (path: string) => string;

function* listQuestions(document: Document, place: Place): Iterable<[string, Question]> {
  if (document.admin !== false && document.admin.tls !== undefined) {
    yield ["admin.tls", askAdmin(document.admin.tls, place)];
  }
  for (const [name, { tls }] of Object.entries(document.listeners)) {
    const path = ["listeners", name, "tls"];
    if (tls !== undefined) yield [formatPath(path), askListener(tls, path, place)];
  }
  for (const [name, pool] of Object.entries(document.pools)) {
    const path = ["pools", name, "tls"];
    if (pool.tls !== undefined) yield [formatPath(path), askServers(pool.tls, path, place)];
    for (const [index, { tls }] of pool.servers.entries()) {
      const own = ["pools", name, "servers", index, "tls"];
      if (tls) yield [formatPath(own), askServers(tls, own, place)];
    }
  }
}

function askAdmin(tls: CertificateKeys, place: Place): Question {
  return {
    source: { certificates: [toSource(tls, place)], authorities: null, revoked: null },
    keyOf: ({ name }) => ["admin", "tls", name],
  };
}

function askListener(tls: ListenerTls, path: Path, place: Place): Question {
  const clients = tls.clientCertificate;
  const isAsked = clients !== undefined && clients.mode !== "none";
  // An entry that names nothing is reported by a rule.
  const indexes = [...tls.certificates.keys()].filter((index) => {
    const { certificate, directory } = tls.certificates[index]!;
    return certificate !== undefined || directory !== undefined;
  });
  return {
    source: {
      certificates: indexes.map((index) => toSource(tls.certificates[index]!, place)),
      authorities: placed(isAsked ? clients.authorities : undefined, place),
      revoked: placed(isAsked ? clients.revoked : undefined, place),
    },
    keyOf: (part) =>
      "index" in part
        ? [...path, "certificates", indexes[part.index]!, part.name]
        : [...path, "clientCertificate", part.name],
  };
}

function askServers(tls: ServerTls, path: Path, place: Place): Question {
  const { certificate, authorities, verify } = tls;
  const isNamed = verify === "required" && authorities !== "system";
  return {
    source: {
      certificates: certificate === undefined ? [] : [toSource({ ...tls, certificate }, place)],
      authorities: placed(isNamed ? authorities : undefined, place),
      revoked: null,
    },
    keyOf: ({ name }) => [...path, name],
  };
}

interface CertificateKeys {
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly ocsp?: string | undefined;
  readonly directory?: string | undefined;
}

function toSource(keys: CertificateKeys, place: Place): CertificateSource {
  const { certificate, key, ocsp, directory = "" } = keys;
  if (certificate === undefined) return { kind: "directory", directory: place(directory) };
  return {
    kind: "file",
    certificate: place(certificate),
    key: placed(key, place),
    ocsp: placed(ocsp, place),
  };
}

function placed(path: string | undefined, place: Place): string | null {
  return path === undefined ? null : place(path);
}
