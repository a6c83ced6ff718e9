import { describe, expect, it } from "vitest";
import { AssertionFailure } from "../assert.ts";
import {
  CLIENT,
  Connections,
  clientSlot,
  connectionOf,
  NO_REASON,
  NO_SERVER,
  SERVER,
  serverSlot,
  sideOf,
  TRIED_MAX,
} from "./connections.ts";
import { UNANSWERED } from "./server-answer.ts";
import { CLOSING, DIALLING, FREE, READING_CONNECT, RELAYING } from "./state.ts";

function begin(connections: Connections): number {
  const connection = connections.allocate();
  connections.begin(connection, READING_CONNECT, 5);
  return connection;
}

function end(connections: Connections, connection: number): void {
  connections.enter(connection, CLOSING);
  connections.open[connection] = 0;
  connections.release(connection);
}

describe("slots", () => {
  it("come in pairs, the client's first", () => {
    for (const connection of [0, 1, 7]) {
      expect(serverSlot(connection)).toBe(clientSlot(connection) ^ 1);
      expect(connectionOf(clientSlot(connection))).toBe(connection);
      expect(connectionOf(serverSlot(connection))).toBe(connection);
      expect(sideOf(clientSlot(connection))).toBe(CLIENT);
      expect(sideOf(serverSlot(connection))).toBe(SERVER);
    }
  });
});

describe("Connections.allocate", () => {
  it("gives every row once, then says so, then gives what was released", () => {
    const connections = new Connections(3);
    const rows = [begin(connections), begin(connections), begin(connections)];
    expect(rows).toEqual([0, 1, 2]);
    expect(connections.count).toBe(3);
    expect(connections.allocate()).toBe(-1);
    end(connections, 1);
    expect(connections.count).toBe(2);
    expect(connections.allocate()).toBe(1);
    expect(connections.end).toBe(3);
  });
});

describe("Connections.begin", () => {
  it("leaves nothing of whoever had the row before", () => {
    const connections = new Connections(1);
    begin(connections);
    for (const column of columns(connections)) column.fill(1);
    connections.state[0] = READING_CONNECT;
    connections.clientIds.set(0, Uint8Array.of(1, 2, 3), 0, 3);
    connections.stickKeys.of(0).set(0, Uint8Array.of(1, 2, 3), 0, 3);
    end(connections, 0);
    expect(begin(connections)).toBe(0);
    expect(connections.server[0]).toBe(NO_SERVER);
    expect(connections.stickRules[0]).toBe(0xff);
    expect(connections.reason[0]).toBe(NO_REASON);
    expect(connections.open[0]).toBe(CLIENT);
    expect(connections.answer[0]).toBe(UNANSWERED);
    expect(connections.dialMs[0]).toBe(-1);
    expect(connections.acceptedAtMs[0]).toBe(5);
    expect(connections.clientIds.lengthOf(0)).toBe(0);
    expect(connections.stickKeys.of(0).lengthOf(0)).toBe(0);
    const zero = [
      ...[connections.rule, connections.level, connections.closing, connections.ended],
      ...[connections.blocked, connections.errno, connections.connectSize, connections.heldLength],
      ...[connections.attempts, connections.retries, connections.redispatches],
      ...[connections.triedCount, connections.bytes, connections.packets],
    ];
    for (const column of zero) expect([...column].every((value) => value === 0)).toBe(true);
  });
});

function columns(connections: Connections) {
  return Object.values(connections).filter((value) => ArrayBuffer.isView(value)) as Uint8Array[];
}

describe("Connections.enter", () => {
  it("takes only steps of the table", () => {
    const connections = new Connections(1);
    begin(connections);
    expect(() => connections.enter(0, RELAYING)).toThrow(AssertionFailure);
    connections.enter(0, DIALLING);
    connections.enter(0, RELAYING);
    expect(() => connections.enter(0, READING_CONNECT)).toThrow(AssertionFailure);
  });
});

describe("Connections.release", () => {
  it("wants the row closed and its sockets gone", () => {
    const connections = new Connections(1);
    begin(connections);
    expect(() => connections.release(0)).toThrow(AssertionFailure);
    connections.enter(0, CLOSING);
    expect(() => connections.release(0)).toThrow(AssertionFailure);
    connections.open[0] = 0;
    connections.release(0);
    expect(connections.state[0]).toBe(FREE);
    expect(() => connections.release(0)).toThrow(AssertionFailure);
  });
});

describe("Connections.addTried", () => {
  it("remembers the latest servers, in order, in the row of the connection alone", () => {
    const connections = new Connections(3);
    for (let server = 0; server < TRIED_MAX + 3; server++) connections.addTried(1, server);
    const tried = [...connections.tried.subarray(TRIED_MAX, 2 * TRIED_MAX)];
    expect(tried).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
    expect(connections.triedCount[1]).toBe(TRIED_MAX);
    expect(connections.tried[TRIED_MAX - 1]).toBe(0);
    expect(connections.tried[2 * TRIED_MAX]).toBe(0);
  });
});
