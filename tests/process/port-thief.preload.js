// Preloaded by a test into a Fairlead (node --import): somebody who listens on a port that it has
// found free, in the moment after it has let go of it. STOLEN_PORT says on which, counted from 1.

import { createServer, Server } from "node:net";
import { isMainThread } from "node:worker_threads";

let until = Number(process.env.STOLEN_PORT);

// Nothing is stolen from the nodes, whose process has a channel to its parent.
if (isMainThread && process.channel === undefined) {
  const { close } = Server.prototype;
  Server.prototype.close = function closeAndLose(...args) {
    if (--until === 0) {
      const { port } = this.address();
      // Ahead of whoever waits for the end of this one.
      this.once("close", () => createServer().listen(port, "127.0.0.1").unref());
    }
    return close.apply(this, args);
  };
}
