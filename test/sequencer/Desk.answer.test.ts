import { expect } from "chai";
import { Desk } from "../../sequencer/src/rpc/desk";
import type { Answer, Call } from "../../sequencer/src/rpc/jsonrpc";

const request = (id: number, method: string) => ({ jsonrpc: "2.0", id, method, params: [] });
const noFault = (error: unknown) => expect.fail(String(error));

describe("Desk: answer", () => {
  let running: number;
  let most: number;
  let made: string[];

  beforeEach(() => {
    [running, most, made] = [0, 0, []];
  });

  /** Answers each call after a while, with as many characters as its method has (`rollup_exits` with a thousand). */
  async function dispatch({ method }: Call): Promise<unknown> {
    most = Math.max(most, ++running);
    made.push(method);
    await new Promise((resolve) => setTimeout(resolve, 2));
    running--;
    return method === "rollup_exits" ? "x".repeat(1_000) : method;
  }

  const namesOf = (answers: Answer | Answer[]) =>
    [answers].flat().map(({ error }) => error?.data.name ?? "answered");

  it("makes no more answers once they are long together, says so, and keeps the order [a short question with a long answer]", async () => {
    const desk = new Desk({ bodies: 9, callsPerBody: 16, longCalls: 8, answerLength: 5_000 });
    const body = Array.from({ length: 200 }, (_, id) => request(id, "rollup_exits"));
    const answers = (await desk.answer(body, dispatch, noFault)) as Answer[];
    expect(made).to.have.length(5);
    expect(namesOf(answers)).to.deep.equal([
      ...Array<string>(5).fill("answered"),
      ...Array<string>(195).fill("AnswersTooLong"),
    ]);
    expect(answers.map(({ id }) => id)).to.deep.equal(body.map(({ id }) => id));
    expect(answers[5]!.error!.data).to.include({ limit: 5_000 });
    expect(most, "one at a time").to.equal(1);
  });

  it("keeps to so many long answers, of whatever bodies", async () => {
    const desk = new Desk({ bodies: 99, callsPerBody: 16, longCalls: 3, answerLength: 1e6 });
    const bodies = Array.from({ length: 20 }, (_, id) => request(id, "rollup_exits"));
    const answers = await Promise.all(bodies.map((body) => desk.answer(body, dispatch, noFault)));
    expect(answers.flat().map(({ id }) => id)).to.deep.equal(bodies.map(({ id }) => id));
    expect(most).to.equal(3);
  });

  it("keeps to so many calls of a body, begun in order", async () => {
    const desk = new Desk({ bodies: 9, callsPerBody: 4, longCalls: 3, answerLength: 1e6 });
    const body = Array.from({ length: 50 }, (_, id) => request(id, `m${id}`));
    const answers = (await desk.answer(body, dispatch, noFault)) as Answer[];
    expect(answers.map(({ result }) => result)).to.deep.equal(body.map(({ method }) => method));
    expect(made).to.deep.equal(body.map(({ method }) => method));
    expect(most).to.equal(4);
  });

  it("refuses bodies above its limit, and takes others afterwards", async () => {
    const desk = new Desk({ bodies: 2, callsPerBody: 4, longCalls: 3, answerLength: 1e6 });
    const answers = await Promise.all(
      [1, 2, 3].map((id) => desk.answer(request(id, "m"), dispatch, noFault)),
    );
    expect(namesOf(answers.flat())).to.deep.equal(["answered", "answered", "Busy"]);
    const failing = () => Promise.reject(new Error("whatever"));
    let faults = 0;
    await desk.answer(request(4, "m"), failing, () => void faults++);
    expect(faults).to.equal(1);
    for (const id of [5, 6, 7])
      expect(namesOf(await desk.answer(request(id, "m"), dispatch, noFault))).to.deep.equal(["answered"]);
  });
});
