import { Crook } from "./crooks";
import { Honest } from "./honest";
import { Broken } from "./referee";
import type { Guard } from "./rules";
import { Schemes } from "./schemes";
import { World } from "./world";

/** Plays the history of a seed. Returns the promise that was broken, if one was. */
export function play(seed: number, removed: readonly Guard[] = []): string | undefined {
  const world = new World(seed, removed);
  const { random } = world;
  const crooks = ["crook", "villain", "rascal"].map((key) => new Crook(world, key));
  world.players.push(new Honest(world, "honest"));
  if (random.chance(0.3)) world.players.push(new Honest(world, "upright"));
  world.players.push(...crooks);
  for (const crook of crooks.slice(0, 2)) crook.openLines(random.pick([1, 1, 2]));

  let block = 1;
  for (let i = random.pick([1, 1, 2, 3]); i > 0; i--) {
    const rollup = random.below(world.terms.length);
    world.at((block += random.between(1, 120)), () => world.post(rollup));
  }
  const [crook, villain] = crooks as [Crook, Crook];
  if (random.chance(0.15)) crook.lieAtTheLast(0);
  if (random.chance(0.1)) {
    villain.besiege();
    for (let i = 8; i > 0; i--) world.at((block += random.between(100, 300)), () => world.post(0));
  }
  const [own, others] = [new Schemes(world, crook, villain, 0), new Schemes(world, villain, crook, 0)];
  if (random.chance(0.1)) world.at(block + 1, () => own.outlive(), true);
  if (random.chance(0.1)) world.at(block + 1, () => others.sleepwalk(), true);
  if (random.chance(0.04)) world.at(1, () => own.refreshAtTheLast(), true);
  if (random.chance(0.08)) own.lieBeforeHalt();
  if (random.chance(0.04)) world.at(block + 1, () => own.claimWhileClosing(), true);
  if (random.chance(0.04)) world.at(block + 1, () => own.loseWhileClosing(), true);
  if (random.chance(0.2)) {
    world.at(random.between(1, 300), () => (world.vault.refuses = true), true);
    world.at(random.between(300, 600), () => {
      world.vault.refuses = false;
      for (const key of [...world.model.due.keys()]) world.model.executeSlash(key);
    });
  }
  try {
    world.play();
  } catch (error) {
    if (error instanceof Broken) return error.message;
    throw error;
  }
  return undefined;
}
