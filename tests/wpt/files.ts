/** Which files of web-platform-tests are run. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Folders that are run, with what is below them. */
const FOLDERS = ["webrtc"];

/** What is there to be used by tests, or is none that a program can run. */
const NO_TESTS = [/-helper-test\.html$/, /\/(tools|third_party|resources|coverage)\//];

/** What can't pass for a reason that the README names: counted as listed, and not run. */
const NOT_RUN: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/perfect-negotiation/, "one end is in an iframe, which the plugin's script is not put into"],
  [/RTCDTMFSender/, "no tones"],
  [/\/simulcast\/|simulcast-(offer|answer)/, "no simulcast"],
  [/RTCCertificate-postMessage/, "certificates can't be cloned"],
  [/onicecandidateerror/, "no servers"],
];

/** All that is a test, as paths to open. */
export function listed(checkout: string): string[] {
  return FOLDERS.flatMap((folder) => files(checkout, folder))
    .filter((file) => /(\.html|\.(window|any)\.js)$/.test(file))
    .filter((file) => !NO_TESTS.some((pattern) => pattern.test(file)))
    .map((file) => file.replace(/\.(window|any)\.js$/, ".$1.html"))
    .sort();
}

/** Whether a test is worth its time. */
export function isRun(file: string): boolean {
  return !NOT_RUN.some(([pattern]) => pattern.test(file));
}

function files(checkout: string, folder: string): string[] {
  return readdirSync(join(checkout, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? files(checkout, path) : [path];
  });
}
