// What one worker looks at clients' publishes with, and what it found of the latest piece. Holds
// facts; stages/guard-client.ts decides.

import { PublishScan } from "../mqtt/publish-scan.ts";
import { STAY } from "./verdict.ts";

export class ClientGuard {
  readonly scan = new PublishScan();
  /** What becomes of the connection when the bytes that may pass have passed. */
  verdict = STAY;
}
