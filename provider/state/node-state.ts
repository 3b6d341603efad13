/** What a machine said about itself, as far as people want to see it. */
export interface NodeFactsOutput {
  readonly hostname: string;
  readonly os: string;
  readonly architecture: string;
  readonly kernel: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly dockerVersion: string;
}
