const GRAIN_MS = 5;

/** Moments at which to look again; one timer for all. */
export class Wakes {
  private timer: NodeJS.Timeout | undefined;
  private wakesAt = 0;
  /** [ms, by the process's clock] */
  private readonly moments = new Set<number>();
  private stopped = false;

  constructor(private readonly look: () => void) {}

  /** Looks again in so many milliseconds. */
  in(ms: number): void {
    if (this.stopped) return;
    this.moments.add(GRAIN_MS * Math.ceil((Date.now() + ms) / GRAIN_MS));
    const next = Math.min(...this.moments);
    if (this.timer !== undefined && this.wakesAt <= next) return;
    clearTimeout(this.timer);
    this.wakesAt = next;
    this.timer = setTimeout(() => this.awake(), Math.max(0, next - Date.now()));
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private awake(): void {
    this.timer = undefined;
    for (const time of this.moments) if (time <= this.wakesAt) this.moments.delete(time);
    this.look();
    if (this.moments.size > 0) this.in(Math.min(...this.moments) - Date.now());
  }
}
