import { type DefaultEnvVar, type MountSpec, type VolumeSpec } from "@lapcat/engine";
import { internalVolumes } from "./internal-volumes.ts";

/** A private certificate authority that every step is to trust beside those its image trusts. */
export interface CaFile {
  /** The private authority's certificates. */
  readonly pem: string;
  /**
   * The same and the public authorities' too. For programs whose variable replaces their trust store: without the public ones in it
   * they would trust no public host any more, so without this their variables are not set.
   */
  readonly bundlePem?: string;
}

const directory = "/tekton/lapcat-ca";
const own = `${directory}/certs/ca.crt`;
const bundle = `${directory}/bundle.crt`;

/** Where images keep theirs: Debian and Alpine, Red Hat. A directory that is not there is passed over. */
const usualDirectories = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

export interface TrustedCa {
  readonly volume: VolumeSpec;
  readonly mount: MountSpec;
  /** Set where neither the step nor the image sets them; the list of directories is made longer where the image sets it, as kaniko's does. */
  readonly defaultEnv: readonly DefaultEnvVar[];
}

/** The README of this room tells which program reads which of the variables. */
export function trusting(ca: CaFile): TrustedCa {
  const adding = {
    NODE_EXTRA_CA_CERTS: own,
    DENO_CERT: own,
  };
  const replacing = {
    SSL_CERT_FILE: bundle,
    GIT_SSL_CAINFO: bundle,
    CURL_CA_BUNDLE: bundle,
    REQUESTS_CA_BUNDLE: bundle,
    PIP_CERT: bundle,
    CARGO_HTTP_CAINFO: bundle,
    AWS_CA_BUNDLE: bundle,
  };
  const variables: Readonly<Record<string, string>> =
    ca.bundlePem === undefined ? { ...adding, GIT_SSL_CAPATH: `${directory}/certs` } : { ...adding, ...replacing };
  const file = (path: string, text: string) =>
    ({ path, content: { kind: "text", text }, mode: 0o644, secret: false }) as const;
  return {
    volume: {
      kind: "files",
      name: internalVolumes.certificates,
      files: [file("certs/ca.crt", ca.pem), ...(ca.bundlePem === undefined ? [] : [file("bundle.crt", ca.bundlePem)])],
    },
    mount: { volume: internalVolumes.certificates, path: directory, readOnly: true },
    defaultEnv: [
      { name: "SSL_CERT_DIR", value: [...usualDirectories, `${directory}/certs`].join(":"), extendsImage: ":" },
      ...Object.entries(variables).map(([name, value]) => ({ name, value })),
    ],
  };
}
