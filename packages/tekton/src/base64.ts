const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const values: ReadonlyMap<string, number> = new Map(alphabet.split("").map((char, value) => [char, value]));

/**
 * Standard base64 with padding, as Go's encoding/base64 reads it: line breaks are skipped, anything else that is not of the
 * alphabet makes the whole malformed, and then there is no value.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  const clean = text.replace(/[\r\n]/gu, "");
  if (clean.length % 4 !== 0) return undefined;
  const body = clean.replace(/={1,2}$/u, "");
  const bytes = new Uint8Array(Math.floor((body.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const char of body) {
    const value = values.get(char);
    if (value === undefined) return undefined;
    held = ((held << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >> bits) & 0xff;
    }
  }
  return bytes;
}
