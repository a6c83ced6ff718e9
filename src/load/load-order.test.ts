import { describe, expect, it } from "vitest";
import { orderFor } from "../../tests/fixtures/load-order.ts";
import { clientIdOf, expand, topicOf } from "./load-order.ts";

describe("expand", () => {
  it("puts number, client id and user name in, wherever they are named", () => {
    expect(expand("%u/%c/%i/%i", 7, "me", "someone")).toBe("someone/me/7/7");
  });
});

describe("clientIdOf", () => {
  it("gives every connection an id of its own", () => {
    expect(clientIdOf("car-%i-x", 12)).toBe("car-12-x");
    expect(clientIdOf("car", 12)).toBe("car_12");
  });
});

describe("topicOf", () => {
  it("numbers the connections of all threads differently", () => {
    const order = { topic: "t/%i/%c", clientId: "c" };
    const threads = [1, 2, 3].map((firstNumber) =>
      orderFor({ ...order, firstNumber, numberStep: 3 }),
    );
    const topics = threads.flatMap((each) => [topicOf(each, 0), topicOf(each, 1)]);
    expect(new Set(topics).size).toBe(6);
    expect(topics[0]).toBe("t/1/c_1");
    expect(topics[3]).toBe("t/5/c_5");
  });
});
