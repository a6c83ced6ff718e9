// Keeps the certificates of every listener and pool as their files are: watches the files, reads
// and judges them again when they change, hands on what is good and keeps the old where it is not.
//
// Also says when certificates near their end. Knows no worker and no log: its owner is told.

import { type FileReader, systemFiles } from "./file-reader.ts";
import { FileWatch } from "./file-watch.ts";
import { type ReadMaterial, readMaterial } from "./read-material.ts";
import type { CertificateMaterial, Finding, TlsMaterial, TlsSource } from "./tls-source.ts";

const DAY_MS = 86_400_000;
/** Days before the end of a certificate on which it is told; the last one is the end itself. */
const TOLD_AT_DAYS = [30, 14, 7, 1, 0];
const LOOK_AT_DATES_EVERY_MS = 3_600_000;

/** One set of certificates, and who uses it. */
export interface Holder {
  /** As logs name it: `listener "mqtts"`. */
  readonly name: string;
  readonly source: TlsSource;
  readonly material: TlsMaterial;
}

/** A holder as it is now. */
export interface HolderState<Kind extends Holder> {
  readonly holder: Kind;
  readonly material: TlsMaterial;
  readonly reloadCount: number;
  readonly failureCount: number;
}

export interface KeeperEvents<Kind extends Holder> {
  /** Good new files. */
  onReloaded(holder: Kind, material: TlsMaterial): void;
  /** New files that are no good: what was there before stays in use. */
  onRefused(holder: Kind, findings: readonly Finding[]): void;
  /** @param daysLeft whole days until its end; 0 on the last one */
  onEnding(holder: Kind, certificate: CertificateMaterial, daysLeft: number): void;
  onExpired(holder: Kind, certificate: CertificateMaterial): void;
}

export interface KeeperOptions<Kind extends Holder> {
  readonly events: KeeperEvents<Kind>;
  readonly files?: FileReader;
  /** Wall clock, in ms since 1970. */
  readonly now?: () => number;
  /** How long files must be at rest, and how often they are looked at. */
  readonly quietMs?: number;
  readonly pollMs?: number;
}

interface Kept<Kind extends Holder> {
  readonly holder: Kind;
  readonly paths: readonly string[];
  material: TlsMaterial;
  reloadCount: number;
  failureCount: number;
}

export class CertificateKeeper<Kind extends Holder> {
  private readonly events: KeeperEvents<Kind>;
  private readonly files: FileReader;
  private readonly now: () => number;
  private readonly watch: FileWatch;
  private kept: readonly Kept<Kind>[] = [];
  private timer: NodeJS.Timeout | null = null;
  private reading: Promise<void> = Promise.resolve();
  /** By fingerprint: the fewest of TOLD_AT_DAYS that were told. */
  private readonly told = new Map<string, number>();

  constructor({ events, files = systemFiles, now = Date.now, ...pace }: KeeperOptions<Kind>) {
    this.events = events;
    this.files = files;
    this.now = now;
    this.watch = new FileWatch({ ...pace, onChange: (changed) => void this.reload(changed) });
  }

  /**
   * Keeps these and no others from now on. Resolves when their files are watched; what has changed
   * in them since their material was read has been told by then.
   */
  async keep(holders: readonly Kind[]): Promise<void> {
    const before = new Map(this.kept.map((each) => [each.holder.name, each]));
    this.kept = holders.map((holder) => {
      const { reloadCount = 0, failureCount = 0 } = before.get(holder.name) ?? {};
      const paths = pathsOf(holder.source);
      return { holder, paths, material: holder.material, reloadCount, failureCount };
    });
    this.timer ??= setInterval(() => this.tellEnds(), LOOK_AT_DATES_EVERY_MS).unref();
    this.tellEnds();
    const paths = new Set(this.kept.flatMap((each) => each.paths));
    await this.watch.watch([...paths]);
    await this.reload(paths);
  }

  stop(): void {
    this.watch.stop();
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    this.kept = [];
  }

  get states(): readonly HolderState<Kind>[] {
    return this.kept;
  }

  /** Reads again what one of these paths belongs to; one reading after the other. */
  reload(changed: ReadonlySet<string>): Promise<void> {
    this.reading = this.reading.then(async () => {
      for (const each of this.kept) {
        if (each.paths.some((path) => changed.has(path))) await this.reloadOne(each);
      }
    });
    return this.reading;
  }

  private async reloadOne(each: Kept<Kind>): Promise<void> {
    const { holder } = each;
    const { material, findings } = await this.read(holder.source);
    // Others may be kept by now.
    if (!this.kept.includes(each)) return;
    if (material === null) {
      each.failureCount++;
      this.events.onRefused(holder, findings);
      return;
    }
    if (isSame(material, each.material)) return;
    each.material = material;
    each.reloadCount++;
    this.events.onReloaded(holder, material);
    this.tellEnds();
  }

  // Whatever somebody has put into a file, it must not end the process.
  private async read(source: TlsSource): Promise<ReadMaterial> {
    try {
      return await readMaterial(source, this.files, this.now());
    } catch (error) {
      const message = `the files cannot be judged: ${error}`;
      const part = { name: "certificate", index: 0 } as const;
      return { material: null, findings: [{ severity: "error", part, message, expected: null }] };
    }
  }

  private tellEnds(): void {
    for (const { holder, material } of this.kept) {
      for (const certificate of material.certificates) this.tellEnd(holder, certificate);
    }
  }

  private tellEnd(holder: Kind, certificate: CertificateMaterial): void {
    const daysLeft = (certificate.notAfterMs - this.now()) / DAY_MS;
    const due = TOLD_AT_DAYS.filter((days) => daysLeft <= days).at(-1);
    const key = `${holder.name} ${certificate.fingerprint}`;
    if (due === undefined || due >= (this.told.get(key) ?? Number.POSITIVE_INFINITY)) return;
    this.told.set(key, due);
    if (daysLeft <= 0) this.events.onExpired(holder, certificate);
    else this.events.onEnding(holder, certificate, Math.floor(daysLeft));
  }
}

function pathsOf({ certificates, authorities, revoked }: TlsSource): readonly string[] {
  const paths = certificates.flatMap((source) =>
    source.kind === "directory"
      ? [source.directory]
      : [source.certificate, source.key, source.ocsp],
  );
  return [...paths, authorities, revoked].filter((path) => path !== null);
}

function isSame(one: TlsMaterial, other: TlsMaterial): boolean {
  const textOf = ({ certificates, authorities, revoked }: TlsMaterial) => {
    const each = certificates.map(({ chain, key, ocsp }) => [chain, key, ocsp && [...ocsp]]);
    return JSON.stringify([each, authorities, revoked]);
  };
  return textOf(one) === textOf(other);
}
