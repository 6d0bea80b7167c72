export function holdTable(_: unknown): void {}
