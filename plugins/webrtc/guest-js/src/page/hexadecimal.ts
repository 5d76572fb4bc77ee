/** Bytes as the bridge writes them, and as statistics do. */

export function bytesOf(hexadecimal: string): Uint8Array<ArrayBuffer> {
  const pairs = hexadecimal.match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}

export function base64Of(hexadecimal: string): string {
  return btoa(String.fromCharCode(...bytesOf(hexadecimal)));
}
