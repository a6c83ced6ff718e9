// From the paths of a source to what is in the files: everything is read and judged at once, so
// that one look shows every mistake. Used at the start, by `fairlead check` and at every reload.
//
// A directory stands for its .pem and .crt files in the order of their names; a key or an OCSP
// response that belongs to one of them is beside it: `a.pem`, `a.key` or `a.pem.key`, `a.ocsp` or
// `a.pem.ocsp`.

import { join } from "node:path";
import type { FileReader } from "./file-reader.ts";
import { type JudgedText, judgeAuthorities, judgeOcsp, judgeRevoked } from "./judge-authorities.ts";
import { judgeCertificate } from "./judge-certificate.ts";
import { isPrivateKey, readPem } from "./pem.ts";
import type {
  CertificateMaterial,
  CertificateSource,
  Finding,
  SourcePart,
  TlsMaterial,
  TlsSource,
} from "./tls-source.ts";

export interface ReadMaterial {
  /** Null exactly when there is an error among the findings. */
  readonly material: TlsMaterial | null;
  readonly findings: readonly Finding[];
}

type FileSource = Extract<CertificateSource, { kind: "file" }>;

const CERTIFICATE_FILE = /^[^.].*\.(pem|crt)$/;

export async function readMaterial(
  source: TlsSource,
  files: FileReader,
  nowMs: number,
): Promise<ReadMaterial> {
  const reading = new Reading(files, nowMs);
  const certificates: CertificateMaterial[] = [];
  for (const [index, each] of source.certificates.entries()) {
    certificates.push(...(await reading.certificatesOf(each, index)));
  }
  const authorities = await reading.bundle(source.authorities, "authorities", judgeAuthorities);
  const revoked = await reading.bundle(source.revoked, "revoked", judgeRevoked);
  const { findings } = reading;
  const isBroken = findings.some(({ severity }) => severity === "error");
  return { material: isBroken ? null : { certificates, authorities, revoked }, findings };
}

class Reading {
  readonly findings: Finding[] = [];
  private readonly files: FileReader;
  private readonly nowMs: number;

  constructor(files: FileReader, nowMs: number) {
    this.files = files;
    this.nowMs = nowMs;
  }

  async certificatesOf(source: CertificateSource, index: number): Promise<CertificateMaterial[]> {
    if (source.kind === "file") return this.certificate(source, index, source.key !== null);
    const { directory } = source;
    const names = await this.list(directory, index);
    const certificates: CertificateMaterial[] = [];
    for (const name of names.filter((each) => CERTIFICATE_FILE.test(each))) {
      const beside = await this.sourceIn(directory, name, names);
      certificates.push(...(await this.certificate(beside, index, false)));
    }
    return certificates;
  }

  /** @returns what the file holds, or "" after saying what is wrong */
  async bundle(
    file: string | null,
    name: "authorities" | "revoked",
    judge: (file: string, text: string, nowMs: number) => readonly JudgedText[],
  ): Promise<string> {
    const text = file === null ? null : await this.text(file, { name });
    if (file === null || text === null) return "";
    for (const judged of judge(file, text, this.nowMs)) {
      this.findings.push({ ...judged, part: { name } });
    }
    return text;
  }

  private async certificate(
    { certificate: file, key, ocsp: ocspFile }: FileSource,
    index: number,
    hasKeyOfItsOwn: boolean,
  ): Promise<CertificateMaterial[]> {
    const keyPart: SourcePart = { name: hasKeyOfItsOwn ? "key" : "certificate", index };
    const text = await this.text(file, { name: "certificate", index });
    const keyText = key === null ? text : await this.text(key, keyPart);
    const ocsp = ocspFile === null ? null : await this.ocsp(ocspFile, { name: "ocsp", index });
    if (text === null || keyText === null) return [];
    const texts = { file, text, keyFile: key ?? file, keyText };
    const { certificate, judgements } = judgeCertificate(texts, this.nowMs);
    for (const { about, ...judged } of judgements) {
      const part = about === "key" ? keyPart : ({ name: "certificate", index } as const);
      this.findings.push({ ...judged, part });
    }
    return certificate === null ? [] : [{ ...certificate, ocsp }];
  }

  private async sourceIn(directory: string, name: string, names: readonly string[]) {
    const stem = name.replace(/\.[^.]*$/, "");
    const find = (ending: string): string | null => {
      const found = [`${name}.${ending}`, `${stem}.${ending}`].find((one) => names.includes(one));
      return found === undefined ? null : join(directory, found);
    };
    const certificate = join(directory, name);
    const own = (await this.files.read(certificate)).value;
    const hasKey = own !== null && readPem(decode(own)).some(isPrivateKey);
    return {
      kind: "file",
      certificate,
      key: hasKey ? null : find("key"),
      ocsp: find("ocsp"),
    } as const;
  }

  private async list(directory: string, index: number): Promise<readonly string[]> {
    const part: SourcePart = { name: "directory", index };
    const { value: names, problem } = await this.files.list(directory);
    if (names === null) {
      this.refuse(part, `"${directory}" cannot be read: ${problem}`);
      return [];
    }
    if (!names.some((name) => CERTIFICATE_FILE.test(name))) {
      this.refuse(part, `"${directory}" holds no certificate`, "files that end in .pem or .crt");
    }
    return names;
  }

  private async ocsp(file: string, part: SourcePart): Promise<Uint8Array | null> {
    const bytes = await this.bytes(file, part);
    if (bytes === null) return null;
    for (const judged of judgeOcsp(file, bytes)) this.findings.push({ ...judged, part });
    return bytes;
  }

  private async text(file: string, part: SourcePart): Promise<string | null> {
    const bytes = await this.bytes(file, part);
    return bytes === null ? null : decode(bytes);
  }

  private async bytes(file: string, part: SourcePart): Promise<Uint8Array | null> {
    const { value, problem } = await this.files.read(file);
    if (value === null) this.refuse(part, `"${file}" cannot be read: ${problem}`);
    return value;
  }

  private refuse(part: SourcePart, message: string, expected: string | null = null): void {
    this.findings.push({ severity: "error", part, message, expected });
  }
}

// PEM is ASCII; whatever else is there is commentary.
function decode(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
