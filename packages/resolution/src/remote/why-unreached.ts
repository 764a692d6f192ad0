/** Why `fetch` had no answer, in a user's words: what it throws says little, and its causes all. */
export function whyUnreached(error: unknown): string {
  const chain: Error[] = [];
  for (let each: unknown = error; each instanceof Error && chain.length < 5; each = each.cause) chain.push(each);
  const [outer] = chain;
  const inner = chain.at(-1);
  if (outer === undefined || inner === undefined) return String(error);
  const code = chain.map((each) => ("code" in each ? each.code : undefined)).find((each) => typeof each === "string");
  const known = code === undefined ? undefined : reasons[code];
  return known ?? (inner.message === "" ? outer.message : inner.message);
}

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "its name cannot be looked up now",
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "it broke the connection off",
  ETIMEDOUT: "it does not answer",
  UND_ERR_CONNECT_TIMEOUT: "it does not answer",
  UND_ERR_SOCKET: "it broke the connection off",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is of an authority that is not known",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is of an authority that is not known",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is of an authority that is not known",
  CERT_HAS_EXPIRED: "its certificate has expired",
};

/** What may help with it. */
export const unreachedHint =
  "HTTPS_PROXY and NO_PROXY are honoured, and NODE_EXTRA_CA_CERTS for an authority of your own";
