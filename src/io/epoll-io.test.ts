import { ioContract } from "../../tests/contract/io.contract.ts";
import { kernelHarness } from "../../tests/contract/kernel-harness.ts";
import { kernelIoContract } from "../../tests/contract/kernel-io.contract.ts";
import { EpollIo } from "./epoll-io.ts";

const makeHarness = kernelHarness((handler, options) => new EpollIo(handler, options));

ioContract("EpollIo", makeHarness);
kernelIoContract("EpollIo", makeHarness);
