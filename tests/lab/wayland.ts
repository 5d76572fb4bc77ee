/** A Wayland session of a host: Weston, without a screen and without a seat. */
import type { Host } from "./network.ts";
import { temporary } from "./paths.ts";
import { Program } from "./program.ts";

/** Starts one. Returns what programs find it by, and GTK's word to use it though there is an X server. */
export async function startWayland(host: Host): Promise<Record<string, string>> {
  const name = "wayland-lab";
  const runtime = { XDG_RUNTIME_DIR: temporary("runtime") };
  const args = ["--backend=headless-backend.so", "--use-pixman", "--idle-time=0"];
  const weston = new Program(host, "weston", "weston", [...args, `--socket=${name}`], {
    env: runtime,
  });
  await weston.err.first("the compositor", (text) => text.includes("weston-desktop-shell"));
  return { ...runtime, WAYLAND_DISPLAY: name, GDK_BACKEND: "wayland" };
}
