/** A TaskRun's uid from its run's uid and its name: the same whenever it is asked for. In the form of a UUID (version 8). */
export function taskRunUid(runUid: string, name: string): string {
  const hex = fnv1a128(`${runUid}/${name}`).toString(16).padStart(32, "0");
  const variant = "89ab"[Number.parseInt(hex[16] ?? "0", 16) & 0b11];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join("-");
}

/** FNV-1a over UTF-16 code units: it has to be spread well, not to be hard to reverse. */
function fnv1a128(text: string): bigint {
  let hash = 0x6c62272e07bb014262b821756295c58dn;
  for (let at = 0; at < text.length; at++)
    hash = BigInt.asUintN(128, (hash ^ BigInt(text.charCodeAt(at))) * 0x1000000000000000000013bn);
  return hash;
}
