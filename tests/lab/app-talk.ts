/** Proof that people talk, one of them in the app's own window. */
import { received } from "./media.ts";
import type { Person } from "./person.ts";
import type { Window } from "./window.ts";

/** The shape of every camera's picture in the lab. */
const SHAPE = 16 / 9;

/**
 * Both see and hear each other, proven on the receiving sides, straight over host candidates. The app
 * checks paths as soon as it has its answer, so a check may arrive before the signalled candidate: to
 * Firefox, that candidate stays peer-reflexive (RFC 8445, 7.3.1.3).
 */
export async function talk(app: Window, other: Person | Window, kinds = ["host"]): Promise<void> {
  const [size] = await Promise.all([app.seesPictureOf(other.name), app.hears(other.name)]);
  const shape = size.width / size.height;
  if (Math.abs(shape - SHAPE) > 0.02) {
    throw new Error(`the picture of ${other.name} is ${size.width}×${size.height}`);
  }
  await other.seesPictureOf(app.name);
  if (!("page" in other)) {
    await other.hears(app.name);
    return;
  }
  await other.hears();
  const { pairs } = await received(other.page);
  const straight = pairs.every(({ local, remote }) => local === "host" && kinds.includes(remote));
  if (pairs.length !== 1 || !straight) {
    throw new Error(`${other.name} is connected over ${JSON.stringify(pairs)}`);
  }
}
