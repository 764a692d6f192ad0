/** Documents of which we say something else than upstream's admission says, each with the reason. The test knows no others. */
export interface Differing {
  /** As in verdicts.jsonl or validation/index.jsonl. */
  readonly file: string;
  readonly reason: string;
}

export const differing: readonly Differing[] = [
  {
    file: "task/boskos-release/0.1/samples/pipelinerun.yaml",
    reason:
      "In the catalog's repository this is a symbolic link, and upstream's verdict is on what it points to. Checked out as a " +
      "file it holds the path of the other file, which is a string and no document.",
  },
];
