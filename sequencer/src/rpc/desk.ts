import { RpcError } from "./errors";
import { Answer, answerOne, Dispatch, MAX_BATCH, methodOf, refuse, idOf } from "./jsonrpc";

export interface DeskLimits {
  /** bodies that are being answered */
  readonly bodies: number;
  /** of one body, calls under way */
  readonly callsPerBody: number;
  /** calls with long answers under way, of all bodies; of one body there is one at a time */
  readonly longCalls: number;
  /** [characters] once the answers to one body are so long together, the rest of its calls is refused */
  readonly answerLength: number;
}

export const DEFAULT_DESK: DeskLimits = {
  bodies: 1_024,
  callsPerBody: 16,
  longCalls: 8,
  answerLength: 4 * 1024 * 1024,
};

/** Methods whose answers are longer than what asks for them, by far. */
const LONG: ReadonlySet<string> = new Set([
  "host_rollups",
  "rollup_exits",
  "rollup_exitProof",
  "rollup_getBlock",
]);

/**
 * Answers bodies: one request or an array of at most MAX_BATCH, in order. However much is asked for at once, only so much is under way,
 * and only so much is answered: a short question must not cost the node a hundred megabytes.
 */
export class Desk {
  private bodies = 0;
  private readonly longCalls: Seats;

  constructor(private readonly limits: DeskLimits = DEFAULT_DESK) {
    this.longCalls = new Seats(limits.longCalls);
  }

  /** `fault` is told what went wrong on our side. */
  async answer(
    body: unknown,
    dispatch: Dispatch,
    fault: (error: unknown) => void,
  ): Promise<Answer | Answer[]> {
    if (this.bodies >= this.limits.bodies)
      return refuse(null, new RpcError("Busy", { limit: this.limits.bodies }));
    this.bodies++;
    try {
      if (!Array.isArray(body)) return await this.call(body, dispatch, fault);
      if (body.length === 0) return refuse(null, new RpcError("BatchEmpty"));
      if (body.length > MAX_BATCH)
        return refuse(null, new RpcError("BatchTooLarge", { requests: body.length, limit: MAX_BATCH }));
      return await this.answerAll(body, dispatch, fault);
    } finally {
      this.bodies--;
    }
  }

  private async answerAll(
    requests: readonly unknown[],
    dispatch: Dispatch,
    fault: (error: unknown) => void,
  ): Promise<Answer[]> {
    const { callsPerBody, answerLength } = this.limits;
    const answers = new Array<Answer>(requests.length);
    const oneLong = new Seats(1);
    let length = 0;
    let next = 0;
    const answer = async (request: unknown): Promise<Answer> => {
      if (length >= answerLength)
        return refuse(idOf(request), new RpcError("AnswersTooLong", { length, limit: answerLength }));
      const answered = await this.call(request, dispatch, fault);
      length += JSON.stringify(answered).length;
      return answered;
    };
    const takeCalls = async (): Promise<void> => {
      while (next < requests.length) {
        const at = next++;
        const request = requests[at];
        answers[at] = isLong(request) ? await oneLong.with(() => answer(request)) : await answer(request);
      }
    };
    await Promise.all(Array.from({ length: Math.min(callsPerBody, requests.length) }, takeCalls));
    return answers;
  }

  private call(request: unknown, dispatch: Dispatch, fault: (error: unknown) => void): Promise<Answer> {
    const call = () => answerOne(request, dispatch, fault);
    return isLong(request) ? this.longCalls.with(call) : call();
  }
}

function isLong(request: unknown): boolean {
  return LONG.has(methodOf(request) ?? "");
}

/** So many at a time; the others wait in the order of their arrival. */
class Seats {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  async with<T>(body: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await body();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free++;
      else next();
    }
  }
}
