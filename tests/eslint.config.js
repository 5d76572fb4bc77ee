import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules/"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // A test waits on states: neither a sleep nor a poll by timer.
      "no-restricted-imports": ["error", { patterns: ["*timers/promises"] }],
      "no-restricted-syntax": [
        "error",
        {
          selector: "CallExpression[callee.property.name='waitForTimeout']",
          message: "Wait on a state, not on time.",
        },
      ],
    },
  },
  {
    files: ["**/*.mjs"],
    languageOptions: { globals: { process: "readonly", console: "readonly" } },
  },
  {
    // Their functions are called by name, from outside.
    files: ["**/in-window.js"],
    rules: { "no-unused-vars": "off" },
  },
  {
    files: ["**/in-page.js", "**/in-window.js"],
    languageOptions: {
      globals: {
        AudioContext: "readonly",
        window: "readonly",
        performance: "readonly",
        requestAnimationFrame: "readonly",
        document: "readonly",
        MutationObserver: "readonly",
        RTCPeerConnection: "readonly",
      },
    },
  },
  {
    files: ["benches/webrtc/in-page.js"],
    languageOptions: {
      globals: Object.fromEntries(
        [
          ...["AudioContext", "Blob", "DOMException", "GainNode", "MediaStream"],
          ...["MediaStreamTrackGenerator", "OscillatorNode", "URL", "VideoFrame"],
          ...[
            "VideoTrackGenerator",
            "Worker",
            "navigator",
            "onmessage",
            "postMessage",
            "setTimeout",
          ],
        ].map((name) => [name, name === "onmessage" ? "writable" : "readonly"]),
      ),
    },
  },
);
