// The last fifteen minutes in numbers, for the charts of the page: samples of what is counted, and
// how fast it rose between them.
//
// Bounded: SAMPLES_KEPT samples of at most SUBJECTS_MAX subjects, in rings of 32-bit floats. A
// subject that is no longer read is forgotten with its samples. Has no clock and no timer: its
// owner brings both.

export const SAMPLE_EVERY_MS = 3_000;
/** Fifteen minutes. */
export const SAMPLES_KEPT = 300;
/** Listeners, pools and servers beyond it have no chart. */
export const SUBJECTS_MAX = 2_000;

/** What is read of one subject at one moment. */
export interface Reading {
  /** Who it is: `server brokers/b1`. Nobody else has it. */
  readonly subject: string;
  /** Numbers that rise and fall, kept as they are: connections open. */
  readonly levels: Readonly<Record<string, number>>;
  /** Numbers that only rise, kept as rates a second: connections accepted. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Values of one subject by name, the oldest first; all subjects end at the same moment. */
export type Samples = Readonly<Record<string, readonly number[]>>;

export interface HistoryView {
  readonly everyMs: number;
  /** What a chart has room for. */
  readonly samplesMax: number;
  /** Number of the latest sample; 0 before the first one. */
  readonly sample: number;
  readonly subjects: Readonly<Record<string, Samples>>;
}

export class History {
  private readonly tracks = new Map<string, Track>();
  private sampledAtMs: number | null = null;
  private sampleCount = 0;

  /** Number of the latest sample; 0 before the first one. */
  get sample(): number {
    return this.sampleCount;
  }

  /** Takes one sample of everybody who is there. @param nowMs of a clock that never goes back */
  take(nowMs: number, readings: readonly Reading[]): void {
    const seconds = this.sampledAtMs === null ? 0 : (nowMs - this.sampledAtMs) / 1000;
    const kept = readings.slice(0, SUBJECTS_MAX);
    for (const reading of kept) this.trackOf(reading).add(reading, seconds);
    const there = new Set(kept.map(({ subject }) => subject));
    for (const subject of this.tracks.keys()) {
      if (!there.has(subject)) this.tracks.delete(subject);
    }
    this.sampledAtMs = nowMs;
    this.sampleCount++;
  }

  /** @returns the latest value of each name; empty for a subject that has no samples */
  latest(subject: string): Readonly<Record<string, number>> {
    return this.tracks.get(subject)?.latest() ?? {};
  }

  /** @returns all samples of the subjects and names that are wanted */
  view(wants: (subject: string, name: string) => boolean): HistoryView {
    const subjects = [...this.tracks].map(([subject, track]) => {
      return [subject, track.samples((name) => wants(subject, name))] as const;
    });
    const { sample } = this;
    const size = { everyMs: SAMPLE_EVERY_MS, samplesMax: SAMPLES_KEPT };
    return { ...size, sample, subjects: Object.fromEntries(subjects) };
  }

  private trackOf({ subject }: Reading): Track {
    const track = this.tracks.get(subject) ?? new Track();
    this.tracks.set(subject, track);
    return track;
  }
}

/** The samples of one subject. */
class Track {
  private readonly rings = new Map<string, Float32Array>();
  private before: Readonly<Record<string, number>> | null = null;
  /** Samples ever taken; the latest one is before `count % SAMPLES_KEPT`. */
  private count = 0;

  add({ levels, counts }: Reading, seconds: number): void {
    for (const [name, value] of Object.entries(levels)) this.put(name, value);
    for (const [name, value] of Object.entries(counts)) {
      const before = this.before?.[name] ?? value;
      // A counter that passed to a new owner starts from zero again.
      this.put(name, seconds > 0 ? Math.max(0, value - before) / seconds : 0);
    }
    this.before = counts;
    this.count++;
  }

  latest(): Record<string, number> {
    const at = (this.count - 1) % SAMPLES_KEPT;
    return Object.fromEntries([...this.rings].map(([name, ring]) => [name, round(ring[at]!)]));
  }

  samples(wants: (name: string) => boolean): Samples {
    const kept = Math.min(this.count, SAMPLES_KEPT);
    const first = this.count - kept;
    const wanted = [...this.rings].filter(([name]) => wants(name));
    return Object.fromEntries(
      wanted.map(([name, ring]) => [
        name,
        Array.from({ length: kept }, (_, i) => round(ring[(first + i) % SAMPLES_KEPT]!)),
      ]),
    );
  }

  private put(name: string, value: number): void {
    let ring = this.rings.get(name);
    if (ring === undefined) {
      ring = new Float32Array(SAMPLES_KEPT);
      this.rings.set(name, ring);
    }
    ring[this.count % SAMPLES_KEPT] = value;
  }
}

// A tenth is what a chart of a few hundred pixels can show.
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
