const LOOK_MS = 2;

/** What a thread has under way, so that whoever drives the node step by step knows when nothing moves any more but by L1. */
export class Activity {
  private running = 0;
  private atL1 = 0;

  /** Counts a task until it ends. */
  track<T>(task: Promise<T>): Promise<T> {
    this.running++;
    return task.finally(() => this.running--);
  }

  /** Counts the time in which a task waits for its transaction on L1. */
  atSea<T>(sent: Promise<T>): Promise<T> {
    this.atL1++;
    return sent.finally(() => this.atL1--);
  }

  /** Resolves once every task has ended or waits for L1. */
  async quiet(): Promise<void> {
    do await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    while (this.running > this.atL1);
  }
}
