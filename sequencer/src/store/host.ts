import { join } from "node:path";
import { Database, RootDatabase } from "lmdb";
import { L1QueueEntry } from "../l1/queue";
import { L1Log } from "../l1/watcher";
import { openEnvironment } from "./environment";

/** Raised when a data directory was made for another deployment. */
export class ForeignData extends Error {
  override readonly name = "ForeignData";

  constructor(path: string, known: string, asked: string) {
    super(
      `${path} belongs to ${known}, the configuration says ${asked}: take another data directory, or the former settings`,
    );
  }
}

/** What the host itself keeps: its place on L1, the rollups it has seen, what its keys have signed. */
export class HostStore {
  private readonly root: RootDatabase;
  readonly seen: Database<string, number>;
  readonly rollups: Database<L1Log, number>;
  /** rollup by match id */
  readonly matches: Database<number, string>;
  /** L1 block up to which a rollup knows everything, by rollup, for those that lag behind the host */
  readonly behind: Database<number, number>;
  readonly slots: Database<string, string>;
  private readonly meta: Database<string, string>;

  constructor(private readonly directory: string) {
    this.root = openEnvironment(join(directory, "host"));
    this.seen = this.root.openDB({ name: "seen" });
    this.rollups = this.root.openDB({ name: "rollups" });
    this.matches = this.root.openDB({ name: "matches" });
    this.behind = this.root.openDB({ name: "behind" });
    this.slots = this.root.openDB({ name: "slots" });
    this.meta = this.root.openDB({ name: "meta" });
  }

  /** Binds the directory to one deployment for ever: its keys' signatures and its rollups mean nothing elsewhere. */
  async bind(deployment: string): Promise<void> {
    const known = this.meta.get("deployment");
    if (known !== undefined && known !== deployment) throw new ForeignData(this.directory, known, deployment);
    await this.meta.put("deployment", deployment);
  }

  entries(address: string): Database<L1QueueEntry, number> {
    return this.root.openDB({ name: `queue-${address.toLowerCase()}` });
  }

  async close(): Promise<void> {
    await this.root.close();
  }
}
