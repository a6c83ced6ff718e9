import { ioContract } from "../../tests/contract/io.contract.ts";
import { kernelHarness } from "../../tests/contract/kernel-harness.ts";
import { UringIo } from "./uring-io.ts";

ioContract(
  "UringIo",
  kernelHarness((handler, options) => new UringIo(handler, options)),
);
