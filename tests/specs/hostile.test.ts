import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { talk } from "../lab/person.ts";
import { RawUi } from "../lab/raw.ts";
import { type Resident, Stage } from "../lab/stage.ts";

/** A call goes on between Ada and Bo all the time; whatever is thrown at Ada's node, it stays. */
const stage = new Stage();
let ada: Resident;
let bo: Resident;
let call: string;
beforeAll(async () => {
  [ada, bo] = await Promise.all([stage.resident("Ada"), stage.resident("Bo")]);
  await ada.sees("Bo");
  const witness = await RawUi.connect(ada.host, ada.node.port);
  await witness.attach();
  await ada.videoCalls("Bo");
  await bo.accepts();
  await talk(ada, bo);
  const view = await witness.first("the call", (message) => message.event === "call");
  call = view.id as string;
  witness.close();
});
afterAll(async () => {
  await talk(ada, bo);
  await ada.hangsUp();
  await bo.isTold("Call ended");
  await stage.close();
});

const attached = async (): Promise<RawUi> => {
  const ui = await RawUi.connect(ada.host, ada.node.port);
  await ui.attach("guest", "Mallory");
  return ui;
};
/** The code of the first reply, after a message that is no good request. */
const codeFor = async (ui: RawUi, message: unknown): Promise<unknown> => {
  const from = ui.messages.length;
  ui.send(message);
  return (await ui.first("a reply", ({ type }) => type === "reply", from)).error;
};
const someCall = "a".repeat(26);
const media = { audio: true, video: true };
const offer = { type: "offer", epoch: 0, sdp: "v=0" };

describe("what cannot be read is refused by a code", () => {
  test("not JSON", async () => {
    expect(await codeFor(await attached(), "{")).toBe("invalid_message");
  });

  test("an unknown type of message", async () => {
    expect(await codeFor(await attached(), { type: "surrender" })).toBe("unknown_message");
  });

  test("an unknown command", async () => {
    const explode = { type: "request", id: 1, command: { type: "explode" } };
    expect(await codeFor(await attached(), explode)).toBe("unknown_message");
  });

  test("a field of the wrong type", async () => {
    const rename = { type: "request", id: 1, command: { type: "set_name", name: 7 } };
    expect(await codeFor(await attached(), rename)).toBe("invalid_message");
  });

  test("a message over the size limit", async () => {
    const ui = await attached();
    const name = "x".repeat(100_000);
    ui.send({ type: "request", id: 1, command: { type: "set_name", name } });
    const refused = ui.first(
      "a refusal",
      ({ type, error }) => type === "reply" && error === "too_large",
    );
    // Either it is told so, or the socket is closed with 1009, "message too big". Closed, it is that
    // before `refused` has failed; a node that does neither fails the test in time.
    const outcome = await Promise.race([refused, ui.closed]);
    if (typeof outcome === "number") expect(outcome).toBe(1009);
  });

  test("a request before attaching", async () => {
    const ui = await RawUi.connect(ada.host, ada.node.port);
    expect(await ui.request({ type: "history_seen" })).toBe("not_attached");
  });
});

describe("what doesn't fit is refused by a code", () => {
  test("a call one isn't in", async () => {
    const mallory = await attached();
    expect(await mallory.request({ type: "hang_up", call })).toBe("not_in_call");
    expect(await mallory.request({ type: "accept", call, media })).toBe("not_in_call");
    expect(await mallory.request({ type: "take", call })).toBe("not_in_call");
    const signal = { type: "signal", call, to: bo.node.ready.id, signal: offer };
    expect(await mallory.request(signal)).toBe("not_in_call");
  });

  test("a call that doesn't exist", async () => {
    const mallory = await attached();
    expect(await mallory.request({ type: "decline", call: someCall })).toBe("not_in_call");
  });

  test("out of order: accepting a call that is long accepted", async () => {
    const owner = await RawUi.connect(ada.host, ada.node.port);
    await owner.attach();
    expect(await owner.request({ type: "accept", call, media })).toBe("wrong_state");
    expect(await owner.request({ type: "decline", call })).toBe("wrong_state");
    const change = { type: "media", call, media };
    expect(await owner.request(change)).toBe("held_elsewhere");
    owner.close();
  });

  test("a second call while in one, to oneself, or to nobody", async () => {
    const owner = await RawUi.connect(ada.host, ada.node.port);
    await owner.attach();
    const place = { type: "place", call: someCall, video: true, media, offer };
    expect(await owner.request({ ...place, to: bo.node.ready.id })).toBe("already_in_call");
    const mallory = await attached();
    expect(await mallory.request({ ...place, to: "b".repeat(52) })).toBe("unknown_peer");
    owner.close();
  });

  test("an invalid name", async () => {
    const mallory = await attached();
    expect(await mallory.request({ type: "set_name", name: "" })).toBe("invalid_name");
    expect(await mallory.request({ type: "set_name", name: "x".repeat(41) })).toBe("invalid_name");
  });

  test("a guest who blocks people for the owner", async () => {
    const mallory = await attached();
    const block = { type: "set_blocked", peer: bo.node.ready.id, blocked: true };
    expect(await mallory.request(block)).toBe("not_owner");
  });

  test("more requests than a person could make", async () => {
    const mallory = await attached();
    const replies = await Promise.all(
      Array.from({ length: 600 }, () => mallory.request({ type: "hang_up", call: someCall })),
    ).catch((closed: unknown) => {
      expect(String(closed)).toContain("closed");
      return ["rate_limited"];
    });
    expect(replies).toContain("rate_limited");
  });
});

describe("who has no business here gets no socket", () => {
  test("a page of another site in the owner's browser", async () => {
    const evil = RawUi.connect(ada.host, ada.node.port, { origin: "https://evil.example" });
    await expect(evil).rejects.toThrow("HTTP 403");
  });

  test("a name that was rebound to this device", async () => {
    const rebound = RawUi.connect(ada.host, ada.node.port, {
      origin: `http://evil.example:${ada.node.port}`,
      headers: { Host: `evil.example:${ada.node.port}` },
    });
    await expect(rebound).rejects.toThrow(/HTTP 4\d\d/);
  });

  test("somebody on the LAN who wants the owner's seat", async () => {
    const { address } = ada.host;
    const ui = await RawUi.connect(bo.host, ada.node.port, { address, tls: true });
    const attach = { role: "owner", webrtc: true, kind: "unknown", name: null, resume: null };
    expect(await codeFor(ui, { type: "attach", ...attach })).toBe("not_owner");
  });
});
