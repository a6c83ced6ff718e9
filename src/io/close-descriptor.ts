// The one place where the data plane closes a descriptor: after its requests have returned, once.

import { assert } from "../assert.ts";
import { errno } from "../linux/abi.ts";
import { close } from "../linux/libc.ts";

/** Closes a descriptor that nobody uses any more. EINTR closes it too (close(2)). */
export function closeDescriptor(fd: number): void {
  const result = close(fd);
  assert(result !== -errno.EBADF, "a descriptor is closed once");
}
