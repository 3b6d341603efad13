export function findPulumiCli(): string | undefined;
export function pulumiCli(options?: { readonly say?: (sentence: string) => void }): Promise<string>;
export function pathFor(cli: string): string;
