import { afterAll, describe, expect, it } from "vitest";
import { mapMemory, unmapMemory } from "../linux/native-memory.ts";
import {
  ERR_peek_error,
  SSL_CTX_free,
  SSL_CTX_new,
  SSL_do_handshake,
  SSL_free,
  SSL_new,
  SSL_set_accept_state,
  SSL_set_connect_state,
  TLS_method,
} from "./libssl.ts";
import { drainErrors } from "./openssl-errors.ts";
import { SessionBios } from "./session-bios.ts";

const memory = mapMemory(64 * 1024);
const context = SSL_CTX_new(TLS_method());
const bios = new SessionBios();

afterAll(() => {
  bios.free();
  SSL_CTX_free(context);
  unmapMemory(memory);
});

function session(setState: (session: number) => void): number {
  const made = SSL_new(context);
  bios.attach(made);
  setState(made);
  return made;
}

describe("SessionBios", () => {
  it("are empty at first", () => {
    expect([bios.unread, bios.waiting, bios.drain(memory.address, 10)]).toEqual([0, 0, 0]);
  });

  it("give what a session writes, in pieces", () => {
    const client = session(SSL_set_connect_state);
    SSL_do_handshake(client);
    const size = bios.waiting;
    expect(size).toBeGreaterThan(100);
    expect(bios.drain(memory.address, 60)).toBe(60);
    expect(bios.waiting).toBe(size - 60);
    expect(bios.drain(memory.address + 60, 4096)).toBe(size - 60);
    expect(bios.waiting).toBe(0);
    expect([...memory.bytes.subarray(0, 2)]).toEqual([0x16, 3]);
    SSL_free(client);
  });

  it("let a session read memory as it is at that moment", () => {
    const server = session(SSL_set_accept_state);
    memory.bytes.set([0x16, 3, 1, 0, 50, 1]);
    bios.feed(memory.address, 6);
    expect(SSL_do_handshake(server)).toBe(-1);
    expect(bios.unread).toBe(0);
    expect(drainErrors()).toEqual([]);
    memory.bytes.fill(0xff, 100, 200);
    bios.feed(memory.address + 100, 100);
    SSL_do_handshake(server);
    expect(drainErrors()).not.toEqual([]);
    expect(bios.unread).toBeGreaterThan(0);
    bios.forgetInput();
    expect(bios.unread).toBe(0);
    SSL_free(server);
    bios.forgetOutput();
    expect(bios.waiting).toBe(0);
  });

  it("outlive the sessions and are outlived by them", () => {
    const own = new SessionBios();
    const client = SSL_new(context);
    own.attach(client);
    SSL_set_connect_state(client);
    SSL_do_handshake(client);
    own.forgetOutput();
    own.free();
    SSL_free(client);
    expect(ERR_peek_error()).toBe(0);
  });
});
