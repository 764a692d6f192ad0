/** A condition on a PipelineTask or step: either `input`, `operator` and `values`, or `cel`. */
export interface WhenExpression {
  readonly input?: string;
  readonly operator?: string;
  readonly values?: readonly string[];
  readonly cel?: string;
}
