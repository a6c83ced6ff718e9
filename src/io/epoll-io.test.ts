import { ioContract } from "../../tests/contract/io.contract.ts";
import { kernelHarness } from "../../tests/contract/kernel-harness.ts";
import { EpollIo } from "./epoll-io.ts";

ioContract(
  "EpollIo",
  kernelHarness((handler, options) => new EpollIo(handler, options)),
);
